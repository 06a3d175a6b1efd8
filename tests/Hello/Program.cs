using StackExchange.Redis;

// The smallest program that uses Redis. tests/Bench compares the start of a consumer with it.
await using var redis = await ConnectionMultiplexer.ConnectAsync($"{args[0]},protocol=resp2");
await redis.GetDatabase().PingAsync();
Console.WriteLine("pong");
// The bench reads the processor time of the process before it ends.
await Console.In.ReadToEndAsync();
