// The smallest host: streams the progress of any document to anybody. Redis if ConnectionStrings__Redis is set, in process otherwise.
var builder = WebApplication.CreateSlimBuilder(args);

var progress = builder.Services.AddLexIntelProgress();
if (builder.Configuration.GetConnectionString("Redis") is { Length: > 0 } redis)
    progress.UseRedis(redis);

var app = builder.Build();
app.MapProgressStream().AllowAnonymous();
app.Run();
