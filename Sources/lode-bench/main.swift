internal import Glibc
internal import LodeRuntime

MemoryReuse.keepFreedPages()
exit(BenchTool(arguments: Array(CommandLine.arguments.dropFirst())).run())
