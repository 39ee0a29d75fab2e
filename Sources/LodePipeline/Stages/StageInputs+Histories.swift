internal import LodeCustomer
internal import LodeRuntime

extension StageInputs {
  /// The purchases of the customers of a shard, of the clean sales.
  ///
  /// - Parameters:
  ///   - shard: the shard of `order_lines`; nil for a table in one piece.
  ///   - productsOnly: whether lines of postage, discounts and the like are left out.
  ///   - netsReturns: whether what was taken back is subtracted, by `return_matches`.
  /// - Returns: the histories.
  /// - Throws: a diagnostic for a missing column or a file that cannot be read.
  func histories(
    shard: Int?,
    productsOnly: Bool,
    netsReturns: Bool = false
  ) throws(Diagnostic) -> PurchaseHistories {
    try PurchaseHistories(
      orderLines: try table("order_lines", shard: shard, columns: PurchaseHistories.lineColumns),
      returnMatches: netsReturns ? try table("return_matches", shard: shard) : nil,
      productsOnly: productsOnly
    )
  }
}
