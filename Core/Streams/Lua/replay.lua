#!lua
-- Moves a dead letter back to the stream, as one step, and writes down who did it. Like an append it stops at the stream limit.
--
-- KEYS 1 stream · 2 dead letters · 3 audit · 4 the newest large entry
-- ARGV 1 dead letter · 2 stream limit (0 = none) · 3 who · 4 now · 5 audit length; then the names of the fields that only a dead letter has
-- Returns {'replayed', entry} · {'missing'} · {'full'} · {'bodiless'} the message itself was never fetched
--@ outstanding
local letter = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])[1]
if not letter then return {'missing'} end
local limit, length = tonumber(ARGV[2]), redis.call('XLEN', KEYS[1])
if limit > 0 and length >= limit and outstanding(KEYS[1], length) >= limit then return {'full'} end

local only = {}
for i = 6, #ARGV do only[ARGV[i]] = true end
local entry, bytes = {}, 0
for i = 1, #letter[2], 2 do
  local name, value = letter[2][i], letter[2][i + 1]
  if name == 'body' and value ~= 'whole' then return {'bodiless'} end
  if name == 'replays' then value = (tonumber(value) or 0) + 1 end
  if not only[name] then
    entry[#entry + 1] = name
    entry[#entry + 1] = value
    bytes = bytes + #name + #tostring(value)
  end
end
local id = redis.call('XADD', KEYS[1], '*', unpack(entry))
-- As ByteBudget.SmallBytes. Without the note, consumers only read with less care.
if bytes > 65536 then redis.pcall('SET', KEYS[4], id) end
redis.call('XDEL', KEYS[2], ARGV[1])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[5], '*', 'at', ARGV[4], 'who', ARGV[3], 'what', 'replay', 'letter', ARGV[1], 'entry', id, 'count', 1)
return {'replayed', id}
