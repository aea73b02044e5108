-- Offers states of documents: each is stored and published if it is newer than what is stored; or renews what is stored. Atomic, and safe to repeat.
--
-- KEYS     one key per document, {prefix}document:{id}:progress; the same string is its channel. In a Cluster these may be fewer, see below
-- ARGV[1]  how long a stored state lives, in milliseconds
-- then for each key three arguments:
--   kind     j: the state is stored under its revision; p: under the next number of the present attempt; n: under number 1 of a new attempt;
--          r: there is none, what is stored lives on; the other two are empty. Of p and n the revision says what the caller knows: number 1 nothing, and
--          the attempt is the one to begin; a higher one, that the number before it was stored, or may have been. Where the store has
--          forgotten that, the state goes on above it, as a job's would
--   full     the state's JSON. It begins {"revision":"attempt-number", then "run":n when that is more than 1, then "status":"...". The attempt is
--            the caller's clock in Unix milliseconds at the attempt's beginning; the number is 1, 2, 3... Digits only, no leading
--            zeros. The run is which attempt a person would call it; a caller who does not know says nothing
--   short    the same without "steps", to be published; empty: publish the full form
-- then the keys of the documents that are not in KEYS: a Cluster takes keys of one slot only, but a script without a #! line may use all that the
-- same server has (Redis Lua API reference, "Script flags", allow-cross-slot-keys). A key that it does not have is an error of its own document.
--
-- Answers for each key: a sign (+ accepted, = this very state is stored already, or renewed, - refused), the stored revision, a space, its run; a lone - when
-- there was nothing to renew; or ! and Redis' error.
-- An error is an answer, so that one document's error does not undo the others'.
--
-- What is stored is the full form, with the revision and the run that the store has decided: its first 96 bytes tell everything that decides here,
-- and GET is the snapshot.
--
-- Redis runs nothing else meanwhile. So the usual case, the next number of the attempt that is stored, does as little as it can: numbers stay
-- text, and states are passed on as they came. Redis would print a number with a dozen digits, and Lua reads each new string to its end.
local match, sub, format, pcall, tonumber = string.match, string.sub, string.format, redis.pcall, tonumber
local KEYS, ARGV, answers, retention = KEYS, ARGV, {}, ARGV[1]
local terminal = { completed = true, failed = true, cancelled = true }

local function isGreater(x, y) return #x > #y or (#x == #y and x > y) end

-- Attempt, number, run, and where the status begins.
local function read(state)
  local attempt, number, behind = match(state, '^{"revision":"(%d+)%-(%d+)",()')
  if not attempt then return end
  local run, status = match(state, '^"run":(%d+),()', behind)
  return attempt, number, run or '1', status or behind
end

local function status(state, at) return match(state, '^"status":"(%a+)"', at) end

local declared = #KEYS
local count = (declared + #ARGV - 1) / 4
for i = 1, count do
  local key, kind, full, short = KEYS[i] or ARGV[count * 3 + 1 + i - declared], ARGV[i * 3 - 1], ARGV[i * 3], ARGV[i * 3 + 1]
  local attempt, number, run, body = read(full)
  local head
  if kind == 'r' then head = pcall('GETEX', key, 'PX', retention) else head = pcall('GETRANGE', key, '0', '95') end
  if type(head) == 'table' then
    answers[i] = '!' .. head.err
  elseif kind == 'r' then
    local a, n, r
    if head then a, n, r = read(head) end
    answers[i] = a and '=' .. a .. '-' .. n .. ' ' .. r or '-'
  elseif not attempt then
    answers[i] = '!ERR the full form does not begin with {"revision":"attempt-number",'
  else
    local a, n, r, at = read(head)
    local take, isAsItCame = true, true
    if kind == 'j' then
      if a == attempt then take = isGreater(number, n) elseif a then take = isGreater(attempt, a) end
    elseif a and kind == 'n' and (number == '1' or a ~= attempt) then
      if not isGreater(attempt, a) then attempt, number, isAsItCame = format('%.0f', tonumber(a) + 1), '1', false end
    elseif a and (number == '1' or not isGreater(attempt, a)) then
      take = terminal[status(full, body)] or not terminal[status(head, at)]
      local following = format('%.0f', tonumber(n) + 1)
      if a ~= attempt or isGreater(following, number) then attempt, number, isAsItCame = a, following, false end
    end
    if take then
      if a and (attempt ~= a or run ~= r) then
        -- What was only waiting has not run yet.
        local known = tonumber(r)
        if attempt ~= a and status(head, at) ~= 'pending' then known = known + 1 end
        if known > tonumber(run) then run, isAsItCame = format('%.0f', known), false end
      end
      if not isAsItCame then
        local prefix = '{"revision":"' .. attempt .. '-' .. number .. '",'
        if run ~= '1' then prefix = prefix .. '"run":' .. run .. ',' end
        full = prefix .. sub(full, body)
        if short ~= '' then short = prefix .. sub(short, body) end
      end
      local result = pcall('SET', key, full, 'PX', retention)
      if type(result) ~= 'table' or not result.err then result = pcall('PUBLISH', key, short ~= '' and short or full) end
      if type(result) == 'table' and result.err then
        answers[i] = '!' .. result.err
      else
        answers[i] = '+' .. attempt .. '-' .. number .. ' ' .. run
      end
    else
      -- A plain update may have taken the caller's number: what is stored is the caller's only if it is this state.
      local sign, text = '-', sub(full, body)
      if kind == 'j' and attempt == a and number == n then
        local stored = pcall('GET', key)
        if type(stored) == 'string' and sub(stored, -#text) == text then sign = '=' end
      end
      answers[i] = sign .. a .. '-' .. n .. ' ' .. r
    end
  end
end
return answers
