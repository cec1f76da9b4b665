import Client
import Foundation
import Support
import Testing

/// The broker forgets a consumer without telling it, as it happens when the queue's leader moves at the wrong moment:
/// the connection is open, the channel and the queue answer, and nothing arrives.
@Suite("Phantom consumers", .enabled(if: TestEnvironment.hasServers, "\(TestEnvironment.hint)"))
struct PhantomTests {
    /// The queue in an Erlang expression: `Queue` is its name, `Leader` the process that has its state.
    private func queue(_ name: String, _ system: TestSystem) -> String {
        """
        Queue = rabbit_misc:r(<<"\(system.name)">>, queue, <<"\(name)">>),
        {ok, Record} = rabbit_amqqueue:lookup(Queue), Leader = amqqueue:get_pid(Record),
        """
    }

    private func booked(_ system: TestSystem, within seconds: Double) async throws -> Bool {
        let request = SampleRequest()
        let outcome = try await system.client.request(
            request.body, requestID: request.id, timeout: .seconds(seconds))
        return String(decoding: outcome, as: UTF8.self).contains("confirmed")
    }

    @Test("are noticed, and a new connection gets what waits")
    func noticed() async throws {
        try await TestSystem.with(["booking-intake", "pricing"]) { system in
            let pricing = try #require(system.replicas(of: "pricing").first)
            #expect(try await booked(system, within: 60))
            try await TestEnvironment.evaluate(
                queue("pricing.bookings", system) + """
                    [ra:process_command(Leader, rabbit_fifo:make_checkout({Tag, Channel}, cancel, #{}))
                        || {Channel, Tag, _, _, _, _, _, _} <- rabbit_amqqueue:consumers(Record)].
                    """)
            let start = ContinuousClock.now
            async let outcome = booked(system, within: 60)
            try await eventually("it says that it isn't ready") {
                let ready = try await pricing.get("readyz")
                return ready.status == 503 && ready.body.contains("gets nothing from [\"pricing.bookings\"]")
            }
            #expect(try await outcome)
            print("phantom: noticed and mended after \(ContinuousClock.now - start)")
            try await system.ready()
            #expect(pricing.isRunning)
        }
    }

    @Test("that come again on every new connection end the process with status 70")
    func givenUp() async throws {
        try await TestSystem.with(["booking-intake", "pricing"]) { system in
            let pricing = try #require(system.replicas(of: "pricing").first)
            // From now on the queue serves the consumer alone that was there first, as long as it is there.
            pricing.signal(SIGSTOP)
            var raw = try RawChannel(system.amqpURL)
            try await TestEnvironment.evaluate(
                queue("pricing.bookings", system) + """
                    [ra:process_command(Leader, rabbit_fifo:make_checkout({Tag, Channel}, cancel, #{}))
                        || {Channel, Tag, _, _, _, _, _, _} <- rabbit_amqqueue:consumers(Record)],
                    ra:process_command(Leader, rabbit_fifo:make_update_config(#{
                        name => element(1, Leader), queue_resource => Queue, dead_letter_handler => undefined,
                        single_active_consumer_on => true,
                        become_leader_handler => {rabbit_quorum_queue, become_leader, [Queue]}})).
                    """)
            try raw.consume("pricing.bookings")
            pricing.signal(SIGCONT)
            for _ in 0..<20 { try raw.publish(SampleRequest().body, key: "booking.request") }
            let start = ContinuousClock.now
            try await eventually("it ends: \(pricing.logged.suffix(300))", within: 60) {
                try raw.hold()
                return !pricing.isRunning
            }
            #expect(await pricing.end() == 70)
            print("phantom: given up after \(ContinuousClock.now - start)")
            raw.close()
        }
    }
}
