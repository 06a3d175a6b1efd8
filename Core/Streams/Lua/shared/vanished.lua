-- Writes down that entries are gone from the stream which nobody has processed: how many in all, and which since this was last told. It is a note
-- for people: where it cannot be written, the step that has found it goes on.
local function vanished(key, count, which)
  local most = 2000
  local before = redis.pcall('HGET', key, 'which')
  if type(before) == 'table' then return end
  redis.pcall('HINCRBY', key, 'count', count)
  if before and #before < most then which = before .. ', ' .. which elseif before then which = before end
  redis.pcall('HSET', key, 'which', which, 'at', redis.call('TIME')[1])
end
