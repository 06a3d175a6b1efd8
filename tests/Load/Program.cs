using EmailIngestion.Load;

// The consumers of a run are this program again, each in a process of its own.
return args is [LoadWorker.Command, var file] ? await LoadWorker.RunAsync(file) : await LoadCommand.InvokeAsync(args);
