internal import COpenBLAS

/// The dense kernels of OpenBLAS over spans; the only file that calls them.
///
/// Every call runs on the calling thread: our workers own the cores. Results are the same on any
/// thread count, and may differ in the last digits between CPU kernels.
package enum BLAS {
  /// The shape of a product: `rows × inner` times `inner × columns`.
  package struct ProductShape: Hashable, Sendable {
    /// Rows of the left factor and of the product.
    package let rows: Int
    /// Columns of the left factor, rows of the right.
    package let inner: Int
    /// Columns of the right factor and of the product.
    package let columns: Int

    /// A product shape.
    package init(rows: Int, inner: Int, columns: Int) {
      self.rows = rows
      self.inner = inner
      self.columns = columns
    }
  }

  private static let threadsAreSet: Bool = {
    lode_end_blas_threads()
    return true
  }()

  /// Keeps OpenBLAS on the calling thread and ends the threads it started when it was loaded;
  /// every wrapper here makes sure of it by itself, programs do so first of all.
  package static func useOneThread() {
    precondition(threadsAreSet, "OpenBLAS takes a thread count")
  }

  /// `product = scale · left · right + keep · product`, all row-major.
  ///
  /// - Parameters:
  ///   - left: `rows × inner`.
  ///   - right: `inner × columns`, or `columns × inner` when `rightIsTransposed`.
  ///   - shape: the shape of the product.
  ///   - rightIsTransposed: whether `right` is stored as its transpose.
  ///   - scale: the factor of the product.
  ///   - keep: the factor of what `product` held before.
  ///   - product: `rows × columns`.
  package static func multiply(
    _ left: Span<Double>,
    _ right: Span<Double>,
    shape: ProductShape,
    rightIsTransposed: Bool = false,
    scale: Double = 1,
    keep: Double = 0,
    into product: inout MutableSpan<Double>
  ) {
    let (m, k, n) = (shape.rows, shape.inner, shape.columns)
    precondition(
      left.count == m * k && right.count == k * n && product.count == m * n,
      "\(left.count) and \(right.count) elements into \(product.count) as \(m)×\(k)×\(n)"
    )
    useOneThread()
    guard m > 0, n > 0, k > 0 else { return }
    // SAFETY: the three counts were checked against the shape just above.
    unsafe left.withUnsafeBufferPointer { a in
      unsafe right.withUnsafeBufferPointer { b in
        unsafe product.withUnsafeMutableBufferPointer { c in
          unsafe cblas_dgemm(
            CblasRowMajor,
            CblasNoTrans,
            rightIsTransposed ? CblasTrans : CblasNoTrans,
            Int32(m),
            Int32(n),
            Int32(k),
            scale,
            a.baseAddress,
            Int32(k),
            b.baseAddress,
            Int32(rightIsTransposed ? k : n),
            keep,
            c.baseAddress,
            Int32(n)
          )
        }
      }
    }
  }

  /// Adds `AᵀA` to the upper triangle of `gram`; the lower triangle stays as it is.
  ///
  /// - Parameters:
  ///   - a: `rows × columns`, row-major.
  ///   - rows: rows of `a`.
  ///   - columns: columns of `a`.
  ///   - gram: `columns × columns`.
  package static func addGram(
    _ a: Span<Double>,
    rows: Int,
    columns: Int,
    into gram: inout MutableSpan<Double>
  ) {
    precondition(
      a.count == rows * columns && gram.count == columns * columns,
      "\(a.count) elements as \(rows) × \(columns) into \(gram.count)"
    )
    useOneThread()
    guard rows > 0, columns > 0 else { return }
    // SAFETY: the counts were checked against the shape just above.
    unsafe a.withUnsafeBufferPointer { a in
      unsafe gram.withUnsafeMutableBufferPointer { c in
        unsafe cblas_dsyrk(
          CblasRowMajor,
          CblasUpper,
          CblasTrans,
          Int32(columns),
          Int32(rows),
          1,
          a.baseAddress,
          Int32(columns),
          1,
          c.baseAddress,
          Int32(columns)
        )
      }
    }
  }

  /// `result = A · x + keep · result`, or `Aᵀ · x + keep · result`.
  ///
  /// - Parameters:
  ///   - a: `rows × columns`, row-major.
  ///   - rows: rows of `a`.
  ///   - columns: columns of `a`.
  ///   - isTransposed: whether the transpose of `a` is meant.
  ///   - x: the vector, `columns` long (`rows` when transposed).
  ///   - keep: the factor of what `result` held before.
  ///   - result: `rows` long (`columns` when transposed).
  package static func multiply(
    _ a: Span<Double>,
    rows: Int,
    columns: Int,
    isTransposed: Bool = false,
    vector x: Span<Double>,
    keep: Double = 0,
    into result: inout MutableSpan<Double>
  ) {
    precondition(
      a.count == rows * columns && x.count == (isTransposed ? rows : columns)
        && result.count == (isTransposed ? columns : rows),
      "\(a.count) elements as \(rows) × \(columns) with vectors of \(x.count), \(result.count)"
    )
    useOneThread()
    guard rows > 0, columns > 0 else { return }
    // SAFETY: the counts were checked against the shape just above.
    unsafe a.withUnsafeBufferPointer { a in
      unsafe x.withUnsafeBufferPointer { x in
        unsafe result.withUnsafeMutableBufferPointer { y in
          unsafe cblas_dgemv(
            CblasRowMajor,
            isTransposed ? CblasTrans : CblasNoTrans,
            Int32(rows),
            Int32(columns),
            1,
            a.baseAddress,
            Int32(columns),
            x.baseAddress,
            1,
            keep,
            y.baseAddress,
            1
          )
        }
      }
    }
  }
}
