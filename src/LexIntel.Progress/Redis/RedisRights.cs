namespace LexIntel.Progress.Redis;

/// <summary>The least rights of the user (an ACL) that the connection has, confirmed by a test.</summary>
internal static class RedisRights
{
    public static string For(ProgressOptions options) =>
        "+eval +evalsha +script|load +get +mget +getex +getrange +set +hget +hmget +hset +pexpire +pttl +pexpiretime "
        + (options.ShardedChannels ? "+spublish +ssubscribe +sunsubscribe" : "+publish +subscribe +unsubscribe") + " +ping +echo "
        + string.Join(' ', from kind in (string[])["document", "batch"] from sign in "~&" select $"{sign}{options.Prefix}{kind}:*");
}
