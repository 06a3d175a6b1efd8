return await EmailIngestion.Hostile.HostileCommand.InvokeAsync(args);
