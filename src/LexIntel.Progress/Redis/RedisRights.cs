namespace LexIntel.Progress.Redis;

/// <summary>The least rights of the user (an ACL) that the connection has, confirmed by a test.</summary>
internal static class RedisRights
{
    public static string For(string prefix) =>
        "+eval +evalsha +get +mget +getex +getrange +set +hget +hmget +hset +pexpire +pttl +pexpiretime +publish +subscribe +unsubscribe +ping +echo "
        + $"~{prefix}document:* &{prefix}document:* ~{prefix}batch:* &{prefix}batch:*";
}
