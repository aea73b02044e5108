-- Offers states of documents: each is stored and published if it is newer than what is stored. Atomic, and safe to repeat.
--
-- KEYS     one key per document, {prefix}document:{id}:progress; the same string is its channel
-- ARGV[1]  how long a stored state lives, in milliseconds
-- then for each key seven arguments:
--   kind      j: the caller numbers its states; p: the next number of the present attempt; n: number 1 of a new attempt
--   attempt   13 digits, the caller's clock in Unix milliseconds at the attempt's beginning
--   number    j: 1, 2, 3...; else ignored
--   terminal  1 when the state is completed, failed or cancelled, else 0
--   run       which attempt a person would call it; 0 when the caller does not know
--   full      the state's JSON from behind the opening brace, beginning with "status":"..."
--   short     the same without "steps", to be published; empty: publish the full form
--
-- Answers for each key: a sign (+ accepted, = this very state is stored already, - refused), the stored revision, a space, its run; or ! and Redis' error.
-- An error is an answer, so that one document's error does not undo the others'.
--
-- A stored state begins {"revision":"attempt-number", then "run":n, from the second run on, then "status":"...": its first 96 bytes tell
-- everything that decides here, and GET is the snapshot.
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
    local take, storedRun, status = true, 0, ''
    if a then
      a, n = tonumber(a), tonumber(n)
      storedRun = tonumber(string.match(rest, '^"run":(%d+),') or '1')
      status = string.match(rest, '^"status":"(%a+)"') or string.match(rest, '^"run":%d+,"status":"(%a+)"') or ''
    end
    if kind == 'j' then
      take = not a or attempt > a or (attempt == a and number > n)
    elseif kind == 'n' then
      number = 1
      if a and attempt <= a then attempt = a + 1 end
    elseif a then
      take = isTerminal or not terminal[status]
      attempt, number = a, n + 1
    else
      number = 1
    end
    if not take then
      -- A plain update may have taken the caller's number: what is stored is the caller's only if it is this state.
      local same = kind == 'j' and attempt == a and number == n
      if same then
        local stored = redis.pcall('GET', key)
        same = type(stored) == 'string' and string.sub(stored, -#ARGV[at + 5]) == ARGV[at + 5]
      end
      answers[i] = (same and '=' or '-') .. string.format('%.0f-%.0f %.0f', a, n, storedRun)
    else
      if a then
        -- What was only waiting has not run yet.
        local known = attempt > a and status ~= 'pending' and storedRun + 1 or storedRun
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
