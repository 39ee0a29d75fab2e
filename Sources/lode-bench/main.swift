internal import Glibc

exit(BenchTool(arguments: Array(CommandLine.arguments.dropFirst())).run())
