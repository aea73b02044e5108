using LexIntel.Progress.Http;
using LexIntel.Progress.Hub;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Tests.Http;

public sealed class ClientRegistrationTests
{
    private static readonly Uri Address = new("https://api.example.com");

    [Theory]
    [InlineData("/relative")]
    [InlineData("https://api.example.com?a=b")]
    [InlineData("https://api.example.com#a")]
    public void Address_that_cannot_be_used_is_refused_by_the_call(string address) =>
        Assert.Throws<ArgumentException>("baseAddress", () => new ServiceCollection().AddLexIntelProgressClient(new Uri(address, UriKind.RelativeOrAbsolute)));

    [Theory]
    [InlineData("https://api.example.com", "/progress", "https://api.example.com/progress/documents/a%2Fb/stream")]
    [InlineData("https://api.example.com/", "/progress/", "https://api.example.com/progress/documents/a%2Fb/stream")]
    [InlineData("https://api.example.com/v1", "/jobs", "https://api.example.com/v1/jobs/documents/a%2Fb/stream")]
    [InlineData("https://api.example.com/v1/", "", "https://api.example.com/v1/documents/a%2Fb/stream")]
    [InlineData("https+http://api", "/progress", "https+http://api/progress/documents/a%2Fb/stream")]
    public void Addresses_are_the_base_the_prefix_and_the_document(string address, string prefix, string expected) =>
        Assert.Equal(expected, new ProgressAddresses(new() { BaseAddress = new(address), Prefix = prefix }).Stream("a/b").OriginalString);

    [Fact]
    public async Task Client_takes_the_place_of_the_hubs_subscriber_whatever_the_order()
    {
        var before = new ServiceCollection();
        before.AddLexIntelProgressClient(Address);
        before.AddLexIntelProgress();
        var after = new ServiceCollection();
        after.AddLexIntelProgress();
        after.AddLexIntelProgressClient(Address);

        foreach (var services in (ServiceCollection[])[before, after])
        {
            await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
            Assert.IsType<HttpSubscriber>(Assert.Single(provider.GetServices<IProgressSubscriber>()));
            Assert.NotNull(provider.GetService<IProgressPublisher>());
        }
    }

    [Fact]
    public async Task Without_the_client_the_subscriber_is_the_hubs()
    {
        await using var provider = new ServiceCollection().AddLexIntelProgress().Services.BuildServiceProvider();
        Assert.IsType<HubSubscriber>(provider.GetRequiredService<IProgressSubscriber>());
    }

    [Fact]
    public async Task Settings_outside_their_ranges_stop_the_start_and_are_listed_together()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLexIntelProgressClient(Address, options =>
        {
            options.BaseAddress = new("relative", UriKind.Relative);
            options.Prefix = "progress";
            options.HeartbeatInterval = TimeSpan.Zero;
            options.PollInterval = TimeSpan.FromHours(1);
            options.RetryMin = TimeSpan.Zero;
            options.RetryMax = TimeSpan.FromHours(1);
        });
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        var names = typeof(ProgressClientOptions).GetProperties().Select(property => property.Name).ToList();
        Assert.Equal(names.Count, error.Failures.Count());
        Assert.All(names, name => Assert.Contains(error.Failures, failure => failure.StartsWith($"LexIntel:Progress:Client:{name} ", StringComparison.Ordinal) && failure.Contains("use a", StringComparison.Ordinal)));
    }

    [Fact]
    public void Configuration_section_is_bound_and_code_comes_after_it()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["LexIntel:Progress:Client:BaseAddress"] = "https://other.example.com",
            ["LexIntel:Progress:Client:PollInterval"] = "00:00:07",
            ["LexIntel:Progress:Client:RetryMax"] = "00:00:20",
        }).Build());
        services.AddLexIntelProgressClient(Address, options => options.RetryMax = TimeSpan.FromSeconds(10));
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<ProgressClientOptions>>().Value;

        Assert.Equal((new("https://other.example.com"), TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(10)), (options.BaseAddress!, options.PollInterval, options.RetryMax));
    }
}
