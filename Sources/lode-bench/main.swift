internal import Glibc
internal import LodePipeline

ProcessStart.prepare()
exit(BenchTool(arguments: Array(CommandLine.arguments.dropFirst())).run())
