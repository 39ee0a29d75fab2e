internal import LodeRuntime
