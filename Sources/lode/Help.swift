internal import LodePipeline

/// The texts of `lode help`.
enum Help {
  /// All commands.
  static let commandNames =
    ["run", "plan"] + Operation.allCases.map(\.rawValue) + ["sample"] + LookCommand.verbs
    + KeepCommand.verbs + ["help", "version"]

  /// `lode help`.
  static let overview = """
    lode – customer data mining and prediction

    usage: lode COMMAND [OPTIONS]

      run [SELECTION…]      run the stale stages of a pipeline
      plan [SELECTION…]     say which stages would run, and why
      extract clean transform cluster correlate classify forecast export report [NAME…]
                            run the stages of one kind
      sample                write the sample retailer
      ls                    list the tables of a warehouse
      show TABLE            print rows of a table as CSV
      schema | profile | history | files TABLE
                            its columns, figures of its cells, versions, data files
      diff TABLE A B        compare two versions of a table
      fsck                  check every file of the warehouse
      vacuum                find and remove what no version needs
      unlock                say who holds a warehouse; remove the lock of an ended run
      tag                   list, set or delete names of versions
      help [COMMAND]        say more; also: help selection, help tables, help exit-codes
      version               print the version

    example: lode run -f pipelines/weekly-churn.json5 --as-of 2026-06-29
    """

  /// The text for a command or topic.
  static func text(for topic: String) -> String {
    switch topic {
    case "run", "plan": run
    case "sample": sample
    case "tables": tables
    case "fsck", "vacuum", "tag", "unlock": keep
    case "selection": selection
    case "exit-codes": exitCodes
    default:
      if LookCommand.verbs.contains(topic) {
        look
      } else {
        Operation(rawValue: topic) == nil ? overview : run
      }
    }
  }

  private static let run = """
    usage: lode run [SELECTION…] [OPTIONS]      (plan takes the same options)

      -f, --file FILE       the pipeline file (default pipelines/weekly-churn.json5)
      --as-of DATE          YYYY-MM-DD, yesterday or last-monday: no feature sees that day or later
      --warehouse DIR       use another warehouse folder
      --exports DIR         use another folder for lists and reports
      --seed N              use another seed
      --var NAME=VALUE      replace a variable of the file
      --force STAGE         run a stage even if nothing changed
      --wait-for-lock SECS  wait that long for a run that holds the warehouse (default 0: exit 75)
      --threads N           use N threads; never changes a result
      --max-rejects N|X%    allow N bad rows, or X % of them, in each extract stage
      --summary json        print one JSON object as the last line of standard output
      --progress never      no progress bar
      --dry-run             plan only
      --exit-code           plan: exit with 10 if stages would run
      --fail-on-warn        exit with 4 if a stage warns
      --skip-code           exit with 99 if there was nothing to do
      -q, --quiet           print nothing but errors
      -C DIR                change to DIR first

    environment: LODE_PIPELINE LODE_AS_OF LODE_WAREHOUSE LODE_THREADS LODE_RUN_ID
    """

  private static let sample = """
    usage: lode sample [--seed N] [--customers N] [--years N] [--out DIR] [--plain]

    Writes a shop with known truth: orders, customers, campaigns, surveys, web sessions, consents,
    dirty on purpose. Same arguments, same bytes. --plain writes CSV instead of CSV.gz.
    """

  private static let look = """
    usage: lode ls                       tables, versions, rows, tags
           lode show TABLE [--where CONDITION] [--limit N]
           lode schema TABLE             columns, types, which are personal
           lode profile TABLE [--show-personal]
                                         rows, missing, distinct, quartiles, mean, frequent cells:
                                         all exact; quartiles are cells at the nearest rank
           lode diff TABLE A B [--key COLUMN,…] [--exit-code]
                                         rows added, removed, changed; 10 with --exit-code if any
           lode files TABLE [--sql]      absolute paths, or a SELECT for DuckDB
           lode history TABLE            version, time, operation, run, rows, files, tags

    All answers are CSV. --warehouse DIR or LODE_WAREHOUSE names another warehouse.
    A TABLE may carry a version: lode help tables.
    """

  private static let tables = """
    orders                       the newest version that its pipeline has published
    orders@3                     version 3
    orders@2026-01-05            as it was at the end of that day (UTC)
    orders@2026-01-05T06:00:00Z  as it was at that time
    orders@weekly-churn          the version that a tag names; every pipeline keeps a tag
    """

  private static let keep = """
    usage: lode fsck                      check logs, files, checksums and tags; 1 if any is wrong
           lode vacuum [--keep-days N]    list the files that no kept version needs
           lode vacuum --delete           remove them, and keep a record in runs/
           lode unlock [--force]          say who holds the warehouse
           lode tag list
           lode tag set NAME [TABLE[@VERSION]…]
           lode tag delete NAME

    Kept are the newest versions, tagged versions and those of the last N days (30). A file must be
    7 days old. lode tag set without tables names all of them as they are. The lock of a killed run
    is taken over by the next one; --force is for a run of another machine on a shared folder.
    """

  private static let selection = """
    A selection is any number of terms, joined by "or":

      churn        the stage churn             op:export     all stages of a kind
      +churn       and all that it needs       tag:weekly    all stages with a tag
      churn+       and all that need it        table:orders  the stage that makes a table
    """

  private static let exitCodes = """
      0   done, also when everything was up to date
      1   a stage failed
      2   wrong usage or pipeline file
      3   a data contract or a model gate did not hold; nothing was published
      4   with --fail-on-warn: a stage warned
     10   plan --exit-code: stages would run; diff --exit-code: versions differ
     75   temporary: lock held, disk full, input not there yet; try again later
     99   with --skip-code: there was nothing to do
    130   SIGINT: nothing was published, unfinished files were removed
    143   SIGTERM: the same
    """
}
