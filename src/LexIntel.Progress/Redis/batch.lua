-- Offers members of a batch: each is taken if its document's revision is newer than the one the batch has of it, the counts are adjusted
-- by the difference, and the new aggregate is stored and published. Atomic; repeats and a changed order do no harm.
--
-- KEYS[1]  {prefix}batch:{id}:progress; the same string is its channel
-- ARGV     1  how long the batch lives from now on, in milliseconds
--          2  the caller's clock, in Unix milliseconds
--          3  and 4: attempt and number of the newest aggregate the caller has seen; 0 and 0 when none
--          5  the greatest total it was told by anybody; 0 when by nobody
--          6  when the work began, in Unix milliseconds; 0 when it does not know
--          7  1: the batch is made when it is not there; 0: else the answer is -
--          8  the most members
--          9  the batch's id as a JSON string, quotes included
--         10  the caller's clock as it is shown, e.g. 2026-01-03T10:30:45.123Z
-- then for each member two arguments: its document's id, and its entry, "attempt-number status weight progress":
--   status    p pending, r processing or retrying, c completed, f failed, x cancelled
--   weight    in thousandths
--   progress  in tenths of a percent; 1000 when the document has ended, however it has
--
-- Answers: a sign (+ changed, = as it was, - not there), its revision, then total, ended, started, members that were dropped because the
-- batch is full; or ! and Redis' error.
--
-- The key is a hash: for each document its entry, and two fields that no document's id can be called: \1state, the aggregate's JSON, and
-- \1sums. All sums are whole numbers, so that they do not drift. A caller that has seen a newer aggregate than is stored tells that
-- Redis has forgotten: a new attempt begins, so that readers take what follows.
local unpack = unpack or table.unpack
local key, now, most = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[8])
local knownAttempt, knownNumber = tonumber(ARGV[3]), tonumber(ARGV[4])
local sums = redis.pcall('HGET', key, '\1sums')
if type(sums) == 'table' then return '!' .. sums.err end

local attempt, number, expected, members, weight, done, started = 0, 0, 0, 0, 0, 0, 0
local count = { p = 0, r = 0, c = 0, f = 0, x = 0 }
if sums then
  local v = {}
  for part in string.gmatch(sums, '%d+') do v[#v + 1] = tonumber(part) end
  attempt, number, expected, members, weight, done, started = v[1], v[2], v[3], v[4], v[5], v[6], v[7]
  count.p, count.r, count.c, count.f, count.x = v[8], v[9], v[10], v[11], v[12]
elseif ARGV[7] ~= '1' then
  return '-'
end

local changed = not sums
if not sums or attempt < knownAttempt or (attempt == knownAttempt and number < knownNumber) then
  attempt, number, changed = math.max(now, knownAttempt + 1), 0, true
end
if tonumber(ARGV[5]) > expected then
  expected, changed = tonumber(ARGV[5]), true
end
local began = tonumber(ARGV[6])
if began > 0 and (started == 0 or began < started) then started = began end

-- Not every server's Lua takes a string for a number.
local function parse(entry)
  local a, n, status, w, p = string.match(entry, '^(%d+)%-(%d+) (%a) (%d+) (%d+)$')
  return tonumber(a), tonumber(n), status, tonumber(w), tonumber(p)
end
local writes, dropped, offered = {}, 0, (#ARGV - 10) / 2
if offered > 0 then
  local ids, seen = {}, {}
  for i = 1, offered do ids[i] = ARGV[9 + 2 * i] end
  local stored = redis.pcall('HMGET', key, unpack(ids))
  if stored.err then return '!' .. stored.err end
  for i = 1, offered do
    local id, entry = ids[i], ARGV[10 + 2 * i]
    local before = seen[id] or stored[i]
    if entry ~= before then
      local a, n, s, w, p = parse(entry)
      local take = true
      if before then
        local a0, n0, s0, w0, p0 = parse(before)
        take = a > a0 or (a == a0 and n > n0)
        if take then
          count[s0], weight, done = count[s0] - 1, weight - w0, done - w0 * p0
        end
      elseif members >= most then
        take, dropped = false, dropped + 1
      else
        members = members + 1
      end
      if take then
        count[s], weight, done = count[s] + 1, weight + w, done + w * p
        seen[id], changed = entry, true
        writes[#writes + 1], writes[#writes + 2] = id, entry
      end
    end
  end
end

local total, ended = math.max(expected, members), count.c + count.f + count.x
if started == 0 and count.r + ended > 0 then started = now end
if changed then
  number = number + 1
  local function int(n) return string.format('%.0f', n) end
  local revision, finished = int(attempt) .. '-' .. int(number), total > 0 and ended == total
  -- Documents that are only expected are taken to weigh what the known ones do on average.
  local share = 0
  if weight > 0 then share = done / weight * (members / total) end
  local tenths, remaining = math.floor(share + 0.5), ''
  if not finished then
    if tenths > 999 then tenths = 999 end
    local elapsed = now - started
    if started > 0 and elapsed >= 2000 and share >= 10 then
      local seconds = math.ceil(elapsed / 1000 * (1000 - share) / share)
      if seconds <= 86400 then remaining = ',"remaining_seconds":' .. int(seconds) end
    end
  end
  local progress = int(math.floor(tenths / 10))
  if tenths % 10 > 0 then progress = progress .. '.' .. int(tenths % 10) end
  local state = '{"revision":"' .. revision .. '","batch_id":' .. ARGV[9]
    .. ',"status":"' .. (finished and 'completed' or 'processing')
    .. '","total":' .. int(total) .. ',"pending":' .. int(total - count.r - ended) .. ',"processing":' .. int(count.r)
    .. ',"completed":' .. int(count.c) .. ',"failed":' .. int(count.f) .. ',"cancelled":' .. int(count.x)
    .. ',"progress":' .. progress .. ',"timestamp":"' .. ARGV[10] .. '"' .. remaining .. '}'
  local all = { attempt, number, expected, members, weight, done, started, count.p, count.r, count.c, count.f, count.x }
  for i = 1, #all do all[i] = int(all[i]) end
  writes[#writes + 1], writes[#writes + 2] = '\1state', state
  writes[#writes + 1], writes[#writes + 2] = '\1sums', table.concat(all, ' ')
  local result = redis.pcall('HSET', key, unpack(writes))
  if type(result) == 'table' and result.err then return '!' .. result.err end
  result = redis.pcall('PEXPIRE', key, ARGV[1])
  if type(result) == 'table' and result.err then return '!' .. result.err end
  result = redis.pcall('PUBLISH', key, state)
  if type(result) == 'table' and result.err then return '!' .. result.err end
else
  local result = redis.pcall('PEXPIRE', key, ARGV[1])
  if type(result) == 'table' and result.err then return '!' .. result.err end
end
return string.format('%s%.0f-%.0f %.0f %.0f %.0f %.0f', changed and '+' or '=', attempt, number, total, ended, started, dropped)
