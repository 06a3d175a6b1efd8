-- Writes down that entries are gone from the stream which nobody has processed: how many in all, and which since this was last told.
local function vanished(key, count, which)
  local most = 2000
  local before = redis.call('HGET', key, 'which')
  redis.call('HINCRBY', key, 'count', count)
  if before and #before < most then which = before .. ', ' .. which elseif before then which = before end
  redis.call('HSET', key, 'which', which, 'at', redis.call('TIME')[1])
end
