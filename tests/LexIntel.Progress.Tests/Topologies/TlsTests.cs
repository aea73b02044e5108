using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Topologies;

/// <summary>A server that speaks TLS with a certificate of an authority of one's own.</summary>
public sealed class TlsTests(SharedServers servers) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lexintel-tls-");
    private readonly int _port = LoopbackPort.Free();
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync()
    {
        await servers.ConfigurationAsync(BackplaneKind.Redis);
        Certify();
        _redis = await RedisServer.LaunchAsync(
            "--tls-port", _port.ToString(CultureInfo.InvariantCulture), "--tls-auth-clients", "no",
            "--tls-ca-cert-file", In("ca.pem"), "--tls-cert-file", In("server.pem"), "--tls-key-file", In("server.key"));
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Trusted_issuer_carries_progress()
    {
        await using var app = ProgressApp.Create(builder => builder.UseRedis($"localhost:{_port},ssl=true", redis => redis.TrustIssuer(In("ca.pem"))));

        await using var run = await StreamedRun.StartAsync(app, app, ["a"]);

        await run.EndAsync();
    }

    [Fact]
    public async Task Issuer_that_nobody_trusts_is_refused_and_the_update_waits()
    {
        await using var app = ProgressApp.Create(builder => builder.UseRedis($"localhost:{_port},ssl=true,connectTimeout=1000,connectRetry=1"));

        await app.Publisher.PublishAsync(new("a", "extraction", 10));

        await app.Log.WaitForAsync("OutboxWaits");
        Assert.Equal("0", (await RedisCluster.CommandAsync(_redis, "dbsize")).Trim());
    }

    private string In(string name) => Path.Combine(_folder.FullName, name);

    private void Certify()
    {
        // Certificates are judged by the real clock.
        var now = DateTimeOffset.UtcNow;
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        using var authorityCertificate = authority.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        using var certificate = server.Create(authorityCertificate, now.AddHours(-1), now.AddHours(23), RandomNumberGenerator.GetBytes(8));

        File.WriteAllText(In("ca.pem"), authorityCertificate.ExportCertificatePem());
        File.WriteAllText(In("server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(In("server.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
