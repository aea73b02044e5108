using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Whose limits a request counts against: the signed-in user, else the address it comes from.</summary>
/// <param name="IsUser">Whether it is a user.</param>
/// <param name="Issuer">Who vouches for the user: two identity providers may use one name for two people.</param>
/// <param name="Name">The user's id, or the address.</param>
internal readonly record struct Client(bool IsUser, string Issuer, string Name)
{
    private const int HostsOfOneNetwork = 8;

    public static Client Of(HttpContext context)
    {
        // Not context.User, which makes an empty user of its own for a request without one, and keeps it as long as the stream.
        if (context.Features.Get<IHttpAuthenticationFeature>()?.User?.Identity is ClaimsIdentity { IsAuthenticated: true } identity
            && (identity.FindFirst(ClaimTypes.NameIdentifier) ?? identity.FindFirst("sub") ?? identity.FindFirst(identity.NameClaimType)) is { } claim)
        {
            return new(true, claim.Issuer, claim.Value);
        }

        // Not context.Connection, an object that would be kept as long.
        return new(false, "", Network(context.Features.Get<IHttpConnectionFeature>()?.RemoteIpAddress));
    }

    /// <summary>One subscriber line has a whole /64 of IPv6 addresses: it counts as one. No address: a Unix socket, behind which one proxy stands for all.</summary>
    private static string Network(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(HostsOfOneNetwork).Clear();
        return new IPAddress(bytes).ToString();
    }
}
