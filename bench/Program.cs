using CodexCompanion.Bench;
using CodexCompanion.EndToEnd.Tests.Harness;

// Told to do nothing, this is the floor: an empty .NET program.
if (args is ["nothing"])
    return 0;

// Called as codex would be, it is the app-server the broker is measured with.
if (args is ["app-server", ..])
    return await Firehose.RunAsync();

var rounds = args is [_, { } given] && int.TryParse(given, out var n) ? n : 11;
Console.WriteLine($"tool: {ToolUnderTest.Path}");
Console.WriteLine($"{Environment.ProcessorCount} processors, {rounds} rounds, medians; each round runs everything once, in another order");
switch (args is [var what, ..] ? what : "all")
{
    case "startup":
        await StartUp.RunAsync(rounds);
        return 0;
    case "hooks":
        await SessionEnd.RunAsync(rounds);
        return 0;
    case "task":
        await WarmTask.RunAsync(rounds);
        return 0;
    case "broker":
        await BrokerLoad.RunAsync();
        return 0;
    case "tasks":
        await ShortTasks.RunAsync(rounds);
        return 0;
    case "jobs":
        await JobCommands.RunAsync(rounds);
        return 0;
    case "doctor":
        await DoctorLooks.RunAsync(rounds);
        return 0;
    case "soak":
        await BrokerSoak.RunAsync(args.Length > 1 ? rounds : 5_000); // Seconds; 100,000 take minutes.
        return 0;
    case "all":
        await StartUp.RunAsync(rounds);
        await SessionEnd.RunAsync(rounds);
        await WarmTask.RunAsync(rounds);
        return 0;
    default:
        Console.Error.WriteLine("usage: companion-bench [all|startup|hooks|task|broker|tasks|jobs|doctor|soak] [ROUNDS]");
        return 2;
}
