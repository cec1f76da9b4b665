import Support

extension Report {
    /// What the run was asked for, and how to ask for it again.
    static func setup(_ setup: Verdict.Setup) -> Markup {
        var rows = [
            row("Seed", String(setup.seed)), row("Length", "\(setup.seconds) s"),
            row("Load", "\(setup.rate) commands a second offered"),
        ]
        if let deployment = setup.deployment {
            rows.append(row("Ran against", deployment))
        } else {
            rows.append(
                row("Ran against", "private servers, \(Words.count(setup.replicas, "replica")) of every service"))
            if let rollout = setup.rollout {
                let signal = "by \(rollout.signal.uppercased()), \(Words.count(rollout.rounds, "round"))"
                rows.append(row("Replaced", signal + (rollout.from.map { ", from the executables in \($0)" } ?? "")))
            } else {
                rows.append(row("Faults", setup.faults.isEmpty ? "none" : setup.faults.joined(separator: ", ")))
            }
        }
        return """
            <section>
            <h2>Setup</h2>
            <table class="setup">
            <tbody>
            \(Markup(rows))
            </tbody>
            </table>
            <p>The same again:</p>
            <pre tabindex="0"><code>\(setup.commandLine)</code></pre>
            <p>Commands and the schedule of faults repeat from the seed; interleavings do not.</p>
            </section>
            """
    }

    private static func row(_ name: String, _ value: String) -> Markup {
        #"<tr><th scope="row">\#(name)</th><td>\#(value)</td></tr>"#
    }
}

extension Verdict.Setup {
    /// What asks for the same run in a shell.
    var commandLine: String {
        var words = ["./dev", "chaos", "--seconds", "\(seconds)", "--seed", "\(seed)", "--rate", "\(rate)"]
        if let deployment {
            words += ["--amqp-url", deployment, "--yes"]
        } else {
            words += ["--replicas", "\(replicas)"]
            if let rollout {
                words += ["--rollout", rollout.signal, "--rounds", "\(rollout.rounds)"]
                if let from = rollout.from { words += ["--from", from] }
            } else if faults != Fault.allCases.map(\.rawValue) {
                words += ["--faults", faults.isEmpty ? "none" : faults.joined(separator: ",")]
            }
        }
        return words.map(Self.quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: "-_.,/:@%+=".utf8.contains(byte)
                }
            }
        return isPlain
            ? word
            : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
