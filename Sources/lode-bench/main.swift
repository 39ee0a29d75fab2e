print("lode-bench")
