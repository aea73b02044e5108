using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Tests.Composition;

public sealed class OptionsTests
{
    [Fact]
    public async Task Host_start_wrong_options_lists_all_errors_at_once()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLexIntelProgress(options =>
        {
            options.PublishInterval = TimeSpan.FromSeconds(-1);
            options.BatchInterval = TimeSpan.FromSeconds(-1);
            options.OutboxCapacity = 0;
            options.Retention = TimeSpan.Zero;
            options.Lease = TimeSpan.FromSeconds(1);
            options.QuietInterval = TimeSpan.FromHours(1);
            options.Linger = TimeSpan.FromHours(1);
            options.BackplaneTimeout = TimeSpan.Zero;
            options.ShutdownFlush = TimeSpan.FromHours(1);
            options.Prefix = "a\nb";
        });
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        // A switch has no wrong value.
        var names = typeof(ProgressOptions).GetProperties().Where(property => property.CanWrite && property.PropertyType != typeof(bool)).Select(property => property.Name).ToList();
        Assert.Equal(names.Count, error.Failures.Count());
        Assert.All(names, name => Assert.Contains(error.Failures, failure => failure.StartsWith($"LexIntel:Progress:{name} ", StringComparison.Ordinal) && failure.Contains("use a ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Defaults_are_valid() => Assert.True(new ProgressOptionsValidator().Validate(null, new()).Succeeded);

    [Fact]
    public void Validate_both_ends_of_each_range_are_valid()
    {
        ProgressOptions lowest = new() { PublishInterval = TimeSpan.Zero, BatchInterval = TimeSpan.Zero, OutboxCapacity = 1, Retention = TimeSpan.FromMinutes(1), Lease = TimeSpan.FromSeconds(3), QuietInterval = TimeSpan.FromMilliseconds(100), Linger = TimeSpan.Zero, BackplaneTimeout = TimeSpan.FromMilliseconds(100), ShutdownFlush = TimeSpan.Zero, Prefix = "" };
        ProgressOptions highest = new() { PublishInterval = TimeSpan.FromMinutes(1), BatchInterval = TimeSpan.FromMinutes(1), OutboxCapacity = 10_000_000, Retention = TimeSpan.FromDays(365), Lease = TimeSpan.FromMinutes(10), QuietInterval = TimeSpan.FromMinutes(5), Linger = TimeSpan.FromMinutes(10), BackplaneTimeout = TimeSpan.FromMinutes(1), ShutdownFlush = TimeSpan.FromMinutes(5), Prefix = new('x', 64) };

        Assert.True(new ProgressOptionsValidator().Validate(null, lowest).Succeeded);
        Assert.True(new ProgressOptionsValidator().Validate(null, highest).Succeeded);
    }

    [Fact]
    public void Configuration_section_is_bound_and_code_comes_after_it()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["LexIntel:Progress:Prefix"] = "staging:",
            ["LexIntel:Progress:Lease"] = "00:00:30",
            ["LexIntel:Progress:OutboxCapacity"] = "7",
        }).Build());
        services.AddLexIntelProgress(options => options.OutboxCapacity = 8);
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<ProgressOptions>>().Value;

        Assert.Equal(("staging:", TimeSpan.FromSeconds(30), 8), (options.Prefix, options.Lease, options.OutboxCapacity));
    }

    [Fact]
    public void Environment_variables_are_bound()
    {
        var name = $"TEST{Guid.NewGuid():N}_";
        Environment.SetEnvironmentVariable($"{name}LexIntel__Progress__QuietInterval", "00:00:02");
        try
        {
            var services = new ServiceCollection();
            services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddEnvironmentVariables(name).Build());
            services.AddLexIntelProgress();
            using var provider = services.BuildServiceProvider();

            Assert.Equal(TimeSpan.FromSeconds(2), provider.GetRequiredService<IOptions<ProgressOptions>>().Value.QuietInterval);
        }
        finally
        {
            Environment.SetEnvironmentVariable($"{name}LexIntel__Progress__QuietInterval", null);
        }
    }

    [Fact]
    public async Task AddLexIntelProgress_twice_is_one_registration_and_both_changes()
    {
        var services = new ServiceCollection();
        services.AddLexIntelProgress(options => options.Prefix = "one");
        services.AddLexIntelProgress(options => options.Lease = TimeSpan.FromSeconds(20));
        await using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<ProgressOptions>>().Value;
        Assert.Equal(("one", TimeSpan.FromSeconds(20)), (options.Prefix, options.Lease));
        Assert.Single(provider.GetServices<IProgressPublisher>());
        Assert.Distinct(provider.GetServices<IHostedService>().Select(service => service.GetType()));
    }

    [Fact]
    public async Task Container_without_host_wrong_options_fail_at_first_use()
    {
        await using var app = ProgressApp.Create(configure: options => options.Lease = TimeSpan.Zero);

        Assert.Throws<OptionsValidationException>(() => app.Publisher);
    }
}
