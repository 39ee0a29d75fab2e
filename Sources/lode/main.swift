internal import Glibc
internal import LodePipeline

ProcessStart.prepare()
exit(CommandLineTool(arguments: Array(CommandLine.arguments.dropFirst())).run())
