using EmailIngestion.Bench;
using EmailIngestion.Bench.Sides;

// Each side of each measurement runs this program in its own process, so that sides share no heap and no warm code.
return args is [SideProgram.Command, var name, .. var rest] ? await SideProgram.RunAsync(name, rest) : await BenchCommand.InvokeAsync(args);
