using LexIntel.Progress.Tests.Hub;
using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Http;

/// <summary>The subscriber contract over HTTP: each process has a Kestrel of its own, and its readers read through that.</summary>
public sealed class HttpSubscriberTests(SharedServers servers) : SubscriberContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;

    protected override int MostTakenBySlowReader => 45;

    private protected override void OnCreated(ProgressApp app) =>
        app.Subscriber = Own(new HttpClientProcess(Own(ProgressServer.Launch(app)).Address)).Subscriber;
}

/// <summary>Messages of existing publishers, read over HTTP.</summary>
public sealed class HttpForeignTests(SharedServers servers) : ForeignContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;

    private protected override void OnCreated(ProgressApp app) =>
        app.Subscriber = Own(new HttpClientProcess(Own(ProgressServer.Launch(app)).Address)).Subscriber;
}
