#!lua flags=allow-oom
-- Deletes settled entries that trimming cannot reach: those above an entry that is still pending. One call does a part, from where the last one
-- ended.
-- Keeps: it deletes only entries that were delivered to every group and are pending in none. A pending entry keeps its ID, its delivery count and
-- its lease. Every deletion is below each group's last delivered entry, so that no lag becomes unknown.
--
-- KEYS 1 stream · 2 vanished
-- ARGV 1 the ID after which to start ('-' = the first entry) · 2 entries to delete at most · 3 bytes to read at most, plus one entry
-- Returns {how many were deleted, where to continue ('-' = at the end)}
--@ ids
--@ collect
--@ checks
if redis.call('EXISTS', KEYS[1]) == 0 then return {0, '-'} end
local page, from = 256, ARGV[1]
local function after(id) return id == '-' and '-' or '(' .. id end

-- The sweep ends before the lowest of the groups' last delivered entries, or at the end of a page of pending entries.
local groups, last = {}, nil
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  groups[#groups + 1] = group
  if not last or less(group['last-delivered-id'], last) then last = group['last-delivered-id'] end
end
if not last or last == '0-0' then return {0, '-'} end

local pinned, cut = {}, false
for _, group in ipairs(groups) do
  local pending = group['pending'] > 0 and redis.call('XPENDING', KEYS[1], group['name'], after(from), '+', page) or {}
  for _, delivery in ipairs(pending) do pinned[#pinned + 1] = delivery[1] end
  if #pending == page and less(pending[page][1], last) then last, cut = pending[page][1], true end
end
table.sort(pinned, less)
pinned[#pinned + 1] = last

-- No command returns an entry's ID without its body. So entries are read one at a time, because a body may be large.
local settled, bytes, lower, full = {}, 0, from, false
for _, bound in ipairs(pinned) do
  if less(last, bound) then break end
  while not full do
    local entry = redis.call('XRANGE', KEYS[1], after(lower), '(' .. bound, 'COUNT', 1)[1]
    if not entry then break end
    lower = entry[1]
    settled[#settled + 1] = lower
    bytes = bytes + size_of(entry[2])
    full = #settled >= tonumber(ARGV[2]) or bytes >= tonumber(ARGV[3])
  end
  if full then break end
  lower = bound
end

clean_up()

if #settled > 0 then
  may(KEYS[1], 'XDEL', KEYS[1], settled[1])
  -- Recorded as known, so that trim does not report this deletion as vanished entries.
  local known = redis.call('HGET', KEYS[2], 'known')
  if not known or less(known, settled[#settled]) then redis.call('HSET', KEYS[2], 'known', settled[#settled]) end
  for i = 1, #settled, 1000 do redis.call('XDEL', KEYS[1], unpack(settled, i, math.min(i + 999, #settled))) end
end
return {#settled, (full or cut) and lower or '-'}
