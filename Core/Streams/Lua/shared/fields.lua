-- The field names that this product writes. They are constants in EntryFields.
local known = {}
for name in string.gmatch('version id mailbox uidvalidity uid message-id from subject date size flags labels gmail-message-id gmail-thread-id '
  .. 'traceparent notes first-failure replays more-fields raw-store raw-name raw-size raw-sha256 '
  .. 'body entry reason error-type error-message stack-trace fingerprint deliveries consumer last-failure', '%S+') do known[name] = true end

-- A script can pass about 7,900 values to a command, and an email has a dozen fields. A foreign entry may have more. Its known names and a
-- hundred others stay fields. The others are packed (MessagePack) into the field more-fields. A second raw is always packed.
local function bounded(fields)
  local kept, rest, seen, others = {}, {}, {}, 0
  for i = 1, #fields, 2 do
    local name, into = fields[i], rest
    if known[name] and not seen[name] then
      seen[name], into = true, kept
    elseif name ~= 'raw' and others < 100 then
      others, into = others + 1, kept
    end
    into[#into + 1] = name
    into[#into + 1] = fields[i + 1]
  end
  if #rest > 0 then
    kept[#kept + 1] = 'more-fields'
    kept[#kept + 1] = cmsgpack.pack(rest)
  end
  return kept
end
