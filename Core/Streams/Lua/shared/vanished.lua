-- Records entries that somebody deleted from the stream before they were processed: their total, and the IDs since the last report. The record
-- is for people: when it cannot be written, the script continues.
local function vanished(key, count, which)
  local most = 2000
  local before = redis.pcall('HGET', key, 'which')
  if type(before) == 'table' then return end
  redis.pcall('HINCRBY', key, 'count', count)
  if before and #before < most then which = before .. ', ' .. which elseif before then which = before end
  redis.pcall('HSET', key, 'which', which, 'at', redis.call('TIME')[1])
end
