using EmailIngestion.Bench;
using EmailIngestion.Bench.Sides;

// Each side of each measurement is this program again, in a process of its own: no other's heap, no other's warm code.
return args is [SideProgram.Command, var name, .. var rest] ? await SideProgram.RunAsync(name, rest) : await BenchCommand.InvokeAsync(args);
