namespace LexIntel.Progress.TestSite;

/// <summary>Documents whose ids begin with a user's name and a dash are that user's own; the cookie says who asks.</summary>
internal static class Users
{
    private static readonly string[] Names = ["ada", "bob"];

    public static async Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var ids = context.Request.Path.Value!.Split('/') is ["", "progress", "documents", var id, ..] ? [id] : context.Request.Query["documents"].ToArray();
        var owner = Names.FirstOrDefault(name => ids.Any(id => id!.StartsWith(name + "-", StringComparison.Ordinal)));
        var user = context.Request.Cookies["user"];
        if (owner is null || owner == user)
            await next(context);
        else
            await Results.Problem($"This is not {user ?? "anybody"}'s.", statusCode: user is null ? 401 : 403).ExecuteAsync(context);
    }
}
