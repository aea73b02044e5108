namespace LexIntel.Progress.Redis;

/// <summary>
/// The offer, as one atomic script on one string key per document. The value always begins
/// <c>{"revision":"attempt-number",</c> (then <c>"run":n,</c> from the second run on, then <c>"status":"…",</c>), so that the first 96 bytes
/// tell everything that decides, and <c>GET</c> is the snapshot. The same rules in C#: <see cref="InProcess.StoredDocument"/>.
/// </summary>
internal static class RedisScripts
{
    /// <summary>Arguments before those of the first document: the life of a stored state in milliseconds.</summary>
    public const int CommonArguments = 1;

    /// <summary>Arguments of each document: kind, attempt, number, terminal, run, full body, short body.</summary>
    public const int ArgumentsPerDocument = 7;

    /// <summary>
    /// For each key one answer: a sign (<c>+</c> accepted, <c>=</c> stored already, <c>-</c> refused), the stored revision, a space, its
    /// run; or <c>!</c> and Redis' error. Errors are answers, so that one document's error does not undo the others'.
    /// </summary>
    public const string Offer =
        """
        local terminal = { completed = true, failed = true, cancelled = true }
        local answers = {}
        for i = 1, #KEYS do
          local key, at = KEYS[i], 2 + (i - 1) * 7
          local kind, attempt, number = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
          local isTerminal, run = ARGV[at + 3] == '1', tonumber(ARGV[at + 4])
          local head = redis.pcall('GETRANGE', key, 0, 95)
          if type(head) == 'table' then
            answers[i] = '!' .. head.err
          else
            local a, n, rest = string.match(head, '^{"revision":"(%d+)%-(%d+)",(.*)$')
            local take, storedRun = true, 0
            if a then
              a, n = tonumber(a), tonumber(n)
              storedRun = tonumber(string.match(rest, '^"run":(%d+),') or '1')
            end
            if kind == 'j' then
              take = not a or attempt > a or (attempt == a and number > n)
            elseif kind == 'n' then
              number = 1
              if a and attempt <= a then attempt = a + 1 end
            elseif a then
              local status = string.match(rest, '^"status":"(%a+)"') or string.match(rest, '^"run":%d+,"status":"(%a+)"')
              take = isTerminal or not terminal[status or '']
              attempt, number = a, n + 1
            else
              number = 1
            end
            if not take then
              local same = kind == 'j' and attempt == a and number == n
              answers[i] = (same and '=' or '-') .. string.format('%.0f-%.0f %.0f', a, n, storedRun)
            else
              if a then
                local known = attempt > a and storedRun + 1 or storedRun
                if known > run then run = known end
              end
              if run < 1 then run = 1 end
              local revision = string.format('%.0f-%.0f', attempt, number)
              local prefix = '{"revision":"' .. revision .. '",'
              if run > 1 then prefix = prefix .. '"run":' .. string.format('%.0f', run) .. ',' end
              local state = prefix .. ARGV[at + 5]
              local message = state
              if ARGV[at + 6] ~= '' then message = prefix .. ARGV[at + 6] end
              local result = redis.pcall('SET', key, state, 'PX', ARGV[1])
              if type(result) == 'table' and result.err then
                answers[i] = '!' .. result.err
              else
                result = redis.pcall('PUBLISH', key, message)
                if type(result) == 'table' and result.err then
                  answers[i] = '!' .. result.err
                else
                  answers[i] = '+' .. revision .. ' ' .. string.format('%.0f', run)
                end
              end
            end
          end
        end
        return answers
        """;
}
