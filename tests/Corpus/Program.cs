using EmailIngestion.Corpus;

return await CorpusCommand.InvokeAsync(args);
