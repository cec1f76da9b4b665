import AMQP
import Glibc

/// Where programs that are not services find the broker.
public enum BrokerAddresses {
    /// The nodes that a command-line option names, else those of the variable `AMQP_URL`, else
    /// `amqp://guest:guest@127.0.0.1:5672/`.
    /// - Parameter option: the value of `--url`, where it was given.
    /// - Throws: ``ClientError/wrongAddress(_:_:)``, naming the option or the variable.
    public static func find(option: String? = nil) throws(ClientError) -> [AMQPAddress] {
        let variable = getenv("AMQP_URL").map { String(cString: $0) }
        let set = variable?.isEmpty == true ? nil : variable
        do {
            return try AMQPAddress.list(option ?? set ?? "amqp://guest:guest@127.0.0.1:5672/")
        } catch {
            throw .wrongAddress(option == nil ? "AMQP_URL" : "--url", "\(error)")
        }
    }
}
