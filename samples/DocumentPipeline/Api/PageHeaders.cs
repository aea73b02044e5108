namespace DocumentPipeline.Api;

/// <summary>What browsers may do with answers of this host.</summary>
internal static class PageHeaders
{
    /// <summary>Only the page's own script and style run: a file name that slipped through as markup would still be dead.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UsePageHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        // The three files of the page have no version in their names: ask each time, which costs a 304.
        if (!context.Request.Path.StartsWithSegments("/progress"))
            headers.CacheControl = "no-cache";
        return next(context);
    });
}
