/// A page of HTML that needs nothing else: light or dark as the reader's system, from a phone's width up.
public struct Page {
    private let title: String
    private let style: Markup
    private let header: Markup
    private let main: Markup

    /// - Parameters:
    ///   - title: of the window.
    ///   - style: what the page needs besides what all have.
    ///   - header: of the page's body.
    ///   - main: the sections below it.
    public init(title: String, style: Markup, header: Markup, main: Markup) {
        (self.title, self.style, self.header, self.main) = (title, style, header, main)
    }

    /// The whole document.
    public var markup: Markup {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title) – Caramelo</title>
        <style>
        \(Self.look)
        \(style)
        </style>
        </head>
        <body>
        <header>
        \(header)
        </header>
        <main>
        \(main)
        </main>
        </body>
        </html>

        """
    }

    private static let look: Markup = """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1d1b19; --soft: #625c55; --line: #ddd7cf; --shade: #f6f3ef;
          --good: #0b6b3f; --bad: #b3211a; --bad-shade: #fdeceb; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #171614; --ink: #ece8e2; --soft: #a8a198; --line: #3a3733; --shade: #211f1c;
            --good: #5fd39a; --bad: #ff8a80; --bad-shade: #3b1d1b; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 64rem; background: var(--paper); color: var(--ink);
          font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
        h1 { margin: 0 0 .5rem; font-size: clamp(1.4rem, 5vw, 2.2rem); line-height: 1.2; text-wrap: balance; overflow-wrap: normal; }
        h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem; }
        .about { margin: 0 0 .25rem; color: var(--soft); }
        .good { color: var(--good); } .bad { color: var(--bad); }
        td.bad { background: var(--bad-shade); font-weight: 700; }
        table { border-collapse: collapse; width: 100%; }
        caption { padding: .25rem 0; text-align: left; color: var(--soft); }
        th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        tbody th { font-weight: 600; overflow-wrap: normal; }
        thead th { color: var(--soft); font-weight: 400; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .none { color: var(--soft); }
        code, pre { font: .9em/1.5 ui-monospace, monospace; }
        pre { padding: .75rem; background: var(--shade); white-space: pre-wrap; }
        .wide { overflow-x: auto; } .wide svg { display: block; width: 100%; min-width: 50rem; }
        .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0; padding: 0; list-style: none; font-size: .9rem; }
        .legend li::before { content: ""; display: inline-block; width: .9rem; height: .55rem; margin-right: .4rem; background: var(--colour); }
        svg text { font: 13px system-ui, sans-serif; fill: var(--soft); }
        svg text.name { fill: var(--ink); } svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
        .grid { stroke: var(--line); fill: none; } .axis { stroke: var(--soft); fill: none; }
        .rate { fill: none; stroke: var(--colour); stroke-width: 1.5; stroke-linejoin: round; }
        """
}
