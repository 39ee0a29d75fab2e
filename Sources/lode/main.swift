internal import Glibc
internal import LodeRuntime

MemoryReuse.keepFreedPages()
exit(CommandLineTool(arguments: Array(CommandLine.arguments.dropFirst())).run())
