-- Offers states of documents: each is stored and published if it is newer than what is stored. Atomic, and safe to repeat.
--
-- KEYS     one key per document, {prefix}document:{id}:progress; the same string is its channel
-- ARGV[1]  how long a stored state lives, in milliseconds
-- then for each key seven arguments, numbers in decimal digits without leading zeros:
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
--
-- Redis runs nothing else meanwhile, so that the usual case, the next number of the attempt that is stored, does as little as it can: numbers
-- stay the text that they are, also those for Redis, which would print them anew, and what only the other cases need is read there.
local match, sub, format, pcall, tonumber = string.match, string.sub, string.format, redis.pcall, tonumber
local KEYS, ARGV, answers, retention = KEYS, ARGV, {}, ARGV[1]
local terminal = { completed = true, failed = true, cancelled = true }

local function isGreater(x, y) return #x > #y or (#x == #y and x > y) end

local function text(number) return format('%.0f', number) end

for i = 1, #KEYS do
  local key, at = KEYS[i], i * 7 - 5
  local kind, attempt, number, run = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 4]
  local head = pcall('GETRANGE', key, '0', '95')
  if type(head) == 'table' then
    answers[i] = '!' .. head.err
  else
    local a, n, behind = match(head, '^{"revision":"(%d+)%-(%d+)",()')
    local storedRun = '0'
    if a then
      local later, next = match(head, '^"run":(%d+),()', behind)
      storedRun, behind = later or '1', next or behind
    end
    local take = true
    if kind == 'j' then
      if a == attempt then take = isGreater(number, n) elseif a then take = isGreater(attempt, a) end
    elseif kind == 'n' then
      number = '1'
      if a and not isGreater(attempt, a) then attempt = text(tonumber(a) + 1) end
    elseif a then
      take = ARGV[at + 3] == '1' or not terminal[match(head, '^"status":"(%a+)"', behind)]
      attempt, number = a, text(tonumber(n) + 1)
    else
      number = '1'
    end
    if take then
      if attempt ~= a or run ~= storedRun then
        local known = tonumber(storedRun)
        -- What was only waiting has not run yet.
        if a and attempt ~= a and match(head, '^"status":"(%a+)"', behind) ~= 'pending' then known = known + 1 end
        run = text(math.max(tonumber(run), known, 1))
      end
      local revision = attempt .. '-' .. number
      local prefix = '{"revision":"' .. revision .. '",'
      if run ~= '1' then prefix = prefix .. '"run":' .. run .. ',' end
      local state = prefix .. ARGV[at + 5]
      local message = state
      if ARGV[at + 6] ~= '' then message = prefix .. ARGV[at + 6] end
      local result = pcall('SET', key, state, 'PX', retention)
      if type(result) ~= 'table' or not result.err then result = pcall('PUBLISH', key, message) end
      if type(result) == 'table' and result.err then
        answers[i] = '!' .. result.err
      else
        answers[i] = '+' .. revision .. ' ' .. run
      end
    else
      -- A plain update may have taken the caller's number: what is stored is the caller's only if it is this state.
      local sign, full = '-', ARGV[at + 5]
      if kind == 'j' and attempt == a and number == n then
        local stored = pcall('GET', key)
        if type(stored) == 'string' and sub(stored, -#full) == full then sign = '=' end
      end
      answers[i] = sign .. a .. '-' .. n .. ' ' .. storedRun
    end
  end
end
return answers
