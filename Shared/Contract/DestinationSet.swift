/// The command `destination.set`: registers or changes a destination (contract, "Commands").
public struct DestinationSet: Encodable, Sendable, Equatable {
    /// In NFC, 1 to 100 code points as it was sent; case matters.
    public let destination: String
    /// In minor units, within ``Contract/amounts``.
    public let baseFare: Int
    /// In minor units, within ``Contract/amounts``.
    public let tax: Int
    /// In minor units, within ``Contract/amounts``.
    public let petTax: Int
    /// Orders changes: one not greater than the stored is superseded. 0 to the largest Int64; nil when none was sent.
    public let revision: Int?

    /// Checks nothing: the fields are checked where the message is read.
    public init(destination: String, baseFare: Int, tax: Int, petTax: Int, revision: Int? = nil) {
        self.destination = destination
        self.baseFare = baseFare
        self.tax = tax
        self.petTax = petTax
        self.revision = revision
    }

    /// Reads a body; every field but the revision is required.
    public static func read(_ body: [UInt8]) throws(CommandError) -> DestinationSet {
        var fields = try Fields.of(body)
        let destination = fields.required("destination", Rules.destination)
        let baseFare = fields.required("base_fare", Rules.amount)
        let tax = fields.required("tax", Rules.amount)
        let petTax = fields.required("pet_tax", Rules.amount)
        let revision = fields.optional("revision", Rules.revision)
        guard let destination, let baseFare, let tax, let petTax else { throw .invalid(fields.problems) }
        return try fields.result(
            DestinationSet(destination: destination, baseFare: baseFare, tax: tax, petTax: petTax, revision: revision))
    }

    private enum CodingKeys: String, CodingKey {
        case destination
        case baseFare = "base_fare"
        case tax
        case petTax = "pet_tax"
        case revision
    }
}
