#!lua flags=allow-oom
-- Returns a consumer's deliveries whose reply was lost: those under its name that it does not know. Their delivery count stays. When asked to, it
-- releases them uncounted, because they were never run. No body passes through Lua: the consumer fetches each by XRANGE and releases the ones
-- that do not fit.
--
-- KEYS 1 stream · 2 vanished
-- ARGV 1 group · 2 consumer · 3 the waiting name · 4 lease in ms · 5 count · 6 1 = release; then the entries that the consumer knows
-- Returns {{{entry, delivery count}, …}, how many were released, 1 = there may be more}
--@ vanished
local page, known, taken, released, from = 1000, {}, {}, 0, '-'
for i = 7, #ARGV do known[ARGV[i]] = true end

local function claim(id, name, idle, number)
  local claimed = redis.call('XCLAIM', KEYS[1], ARGV[1], name, 0, id, 'IDLE', idle, 'RETRYCOUNT', number, 'JUSTID')
  -- When somebody has deleted the entry from the stream, the claim removes it from the pending list, and the email is not processed.
  if #claimed == 0 then vanished(KEYS[2], 1, id) end
  return #claimed > 0
end

while true do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', page, ARGV[2])
  for _, delivery in ipairs(pending) do
    local id, number = delivery[1], delivery[4]
    if #taken + released >= tonumber(ARGV[5]) then return {taken, released, 1} end
    if not known[id] and ARGV[6] == '1' then
      claim(id, ARGV[3], ARGV[4], math.max(0, number - 1))
      released = released + 1
    elseif not known[id] and claim(id, ARGV[2], 0, number) then
      taken[#taken + 1] = {id, number}
    end
    from = '(' .. id
  end
  if #pending < page then return {taken, released, 0} end
end
