using EmailIngestion.Load;

// Each consumer of a run is this program in its own process.
return args is [LoadWorker.Command, var file] ? await LoadWorker.RunAsync(file) : await LoadCommand.InvokeAsync(args);
