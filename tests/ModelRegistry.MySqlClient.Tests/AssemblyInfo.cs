// Some tests measure the memory of the process.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
