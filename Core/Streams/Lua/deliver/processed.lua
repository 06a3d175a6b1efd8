#!lua flags=no-writes
-- Tells which of these emails are already processed. It runs for each batch just before the next read, so it also tells whether that read must
-- limit its bytes.
--
-- KEYS 1 stream · 2 the newest large entry · then sets of processed ids, one a day
-- ARGV 1 group · 2 an entry that was delivered to the group · then ids
-- Returns 1 = a large entry may be unread, and then the place of each processed id among the ids, perhaps twice
--@ ids
local places = {}
for day = 3, #KEYS do
  if redis.call('EXISTS', KEYS[day]) == 1 then
    for at = 3, #ARGV, 1000 do
      for i, member in ipairs(redis.call('SMISMEMBER', KEYS[day], unpack(ARGV, at, math.min(at + 999, #ARGV)))) do
        if member == 1 then places[#places + 1] = at + i - 3 end
      end
    end
  end
end

-- Usually there is none, or this batch is above it.
local function is_large_ahead()
  local newest = redis.pcall('GET', KEYS[2])
  if not newest then return false end
  if type(newest) ~= 'string' or not string.find(newest, '^%d+%-%d+$') then return true end
  if not less(ARGV[2], newest) then return false end
  local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
  for _, fields in ipairs(groups) do
    local group = {}
    for i = 1, #fields, 2 do group[fields[i]] = fields[i + 1] end
    if group['name'] == ARGV[1] then return less(group['last-delivered-id'], newest) end
  end
  return true
end

table.insert(places, 1, is_large_ahead() and 1 or 0)
return places
