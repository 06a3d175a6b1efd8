-- The names that we write. They are constants of EntryFields.
local known = {}
for name in string.gmatch('version id mailbox uidvalidity uid message-id from subject date size traceparent first-failure replays more-fields '
  .. 'body entry reason error-type error-message stack-trace fingerprint deliveries consumer last-failure', '%S+') do known[name] = true end

-- A command takes some 7,900 values from a script, and an email has a dozen fields. Of a stranger's entry our names and a hundred others stay
-- fields; the rest is packed (MessagePack) into the field more-fields. A raw that comes again is always packed.
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
