import Contract
import Redis

extension Scripts {
    /// What the scripts begin with whose `ARGV[1]` is a generation. The fields of `stats:control`:
    /// - `generation`: grows (it is the time of its beginning in ms) with every replay and every reset; who believes in
    ///   another can't write, and parts replayed for another don't count.
    /// - `base`: the generation in which the figures began from nothing.
    /// - `batches`: how many were counted; a process that has seen more knows that Redis went back in time.
    /// - `checkpoint`, `made_at`: the latest checkpoint.
    /// - `candy_max_age`, `candies_since`: younger passengers get candies, which candy-accounting has said since then; what
    ///   was confirmed before, by another age, is not asked for again.
    /// - `wanted`: why everything must be replayed, until that is asked for.
    /// - `first`, `last`, `left`, `asked`, `asked_at`, `moved_at`, `tries`: the present or latest replay: its parts, how
    ///   many are missing (those of bookings and those of candies), the checkpoint that asked and its time, when a part
    ///   came last, and how often it was asked for again.
    /// - `sweep`: where the search for keys of earlier figures stands; absent when there are none.
    static let control = """
        local C = 'stats:control'
        local function now()
            local time = redis.call('TIME')
            return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
        end
        local function whole(number) return string.format('%.0f', number) end
        local function get(name) return redis.call('HGET', C, name) end
        local function field(name) return tonumber(get(name) or 0) end
        local function prefix() return 'stats:' .. get('base') .. ':' end
        local function begin(after, from_nothing)
            local generation = whole(math.max(now(), after + 1, field('generation') + 1))
            redis.call('HSET', C, 'generation', generation)
            redis.call('HDEL', C, 'left', 'asked', 'asked_at')
            if from_nothing then
                redis.call('HSET', C, 'base', generation, 'sweep', 0)
                redis.call('HDEL', C, 'candies_since')
            end
        end
        if not get('generation') then
            begin(tonumber(ARGV[1]), true)
            redis.call('HSET', C, 'wanted', 'Redis is empty')
        end
        """

    /// How many bookings of a chunk have candies and are not cancelled.
    private static let withCandies = """
        local function with_candies(chunk, prefix)
            local candies, both = prefix .. 'seen:candies:' .. chunk, prefix .. 'scratch'
            redis.call('BITOP', 'AND', both, candies, prefix .. 'seen:cancelled:' .. chunk)
            local count = redis.call('BITCOUNT', candies) - redis.call('BITCOUNT', both)
            redis.call('DEL', both)
            return count
        end
        """

    /// Takes in a checkpoint. `ARGV`: the highest generation that the caller has seen and its batches, the checkpoint's
    /// number, time, last booking and waiting events, how long a chunk must be quiet to be compared, how long things may
    /// take before they are asked for again (both in ms), and the age from which nobody gets candies, -1 where
    /// candy-accounting has not said it yet; then for each chunk its number, counts, sums and latest change, how
    /// many passengers are younger, and when the first was confirmed.
    ///
    /// Returns the generation, its batches, the parts that are missing, whether there is something to sweep; and, where
    /// a replay is to be asked for, its first and last part and why.
    static let checkpoint = RedisScript(
        """
        \(control)
        \(withCandies)
        local generation, batches, number, made_at = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
        local last, waiting, quiet, patience = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
        local max_age, knows_candies = ARGV[9], ARGV[9] ~= '-1'
        local last_part = math.floor(last / \(FiguresReplay.partSize))
        local function answer(...)
            return {get('generation'), field('batches'), field('left'), get('sweep') and 1 or 0, ...}
        end
        local function want(why, from_nothing)
            begin(generation, from_nothing)
            redis.call('HSET', C, 'wanted', why)
        end
        local function ask(from, to, why)
            redis.call('DEL', prefix() .. 'replayed:bookings', prefix() .. 'replayed:candies')
            redis.call('HSET', C, 'first', from, 'last', to, 'left', 2 * (to - from + 1), 'asked', number,
                'asked_at', made_at, 'moved_at', now(), 'tries', 0, 'why', why)
            redis.call('HDEL', C, 'wanted')
            return answer(from, to, why)
        end

        local is_behind = field('generation') < generation
            or field('generation') == generation and field('batches') < batches
        local is_older = tonumber(made_at) < field('made_at')
        if is_behind then
            want('Redis went back in time', false)
        elseif is_older then
            return answer()
        elseif number < field('checkpoint') or number == field('checkpoint') and made_at ~= get('made_at') then
            want('PostgreSQL went back in time', true)
        elseif get('checkpoint') and number > field('checkpoint') + 5 then
            want('checkpoints are missing in Redis', false)
        end
        if not is_older then redis.call('HSET', C, 'checkpoint', number, 'made_at', made_at) end
        if knows_candies and get('candy_max_age') ~= max_age then
            redis.call('HSET', C, 'candies_since', get('candy_max_age') and made_at or 0, 'candy_max_age', max_age)
        end

        local why = get('wanted')
        if why then
            if last > 0 then return ask(0, last_part, why) end
            redis.call('HDEL', C, 'wanted')
            return answer()
        end
        if field('left') > 0 then
            local is_stuck = now() - field('moved_at') > patience * 2 ^ field('tries')
            if is_stuck then
                redis.call('HINCRBY', C, 'tries', 1)
                redis.call('HSET', C, 'moved_at', now())
            end
            -- The same checkpoint again: whoever handled it first may have died before it asked.
            local is_again = number == field('asked') and not knows_candies
            if not is_stuck and not is_again then return answer() end
            return answer(field('first'), field('last'), get('why'))
        end
        for i = 10, #ARGV, 9 do
            local chunk, changed_at = tonumber(ARGV[i]), tonumber(ARGV[i + 6])
            local sums = redis.call('HMGET', prefix() .. 'sums:' .. chunk,
                'confirmed', 'rejected', 'cancelled', 'prices', 'times')
            local differs = false
            for j = 1, 5 do differs = differs or tonumber(sums[j] or 0) ~= tonumber(ARGV[i + j]) end
            if knows_candies and tonumber(ARGV[i + 8]) >= field('candies_since') then
                differs = differs or with_candies(chunk, prefix()) < tonumber(ARGV[i + 7])
            end
            if differs and changed_at + quiet <= tonumber(made_at) and waiting <= 1000 then
                local from = chunk * \(FiguresReplay.partsOfChunk)
                local to = math.min(from + \(FiguresReplay.partsOfChunk) - 1, last_part)
                local was_replayed = field('asked_at') >= changed_at + patience
                    and field('first') <= from and field('last') >= to
                if not was_replayed then
                    begin(generation, false)
                    return ask(from, to, 'chunk ' .. chunk .. ' differs')
                elseif now() - field('base') > patience then
                    begin(generation, true)
                    return ask(0, last_part, 'chunk ' .. chunk .. ' differs after its replay')
                end
            end
        end
        return answer()
        """)

    /// Begins a generation, for which the next checkpoint asks to replay everything. `ARGV`: the highest generation seen;
    /// the one that must be in force (or empty), so that of several who notice the same one does it; whether to begin
    /// from nothing (1) or to keep the figures, of which something is missing (0); and why.
    ///
    /// Returns the generation in force and its batches.
    static let renew = RedisScript(
        """
        \(control)
        if ARGV[2] == '' or ARGV[2] == get('generation') then
            begin(tonumber(ARGV[1]), ARGV[3] == '1')
            redis.call('HSET', C, 'wanted', ARGV[4])
        end
        return {get('generation'), field('batches')}
        """)

    /// Removes some keys of earlier figures. Returns whether there may be more (1) or not (0).
    static let sweep = RedisScript(
        """
        local C = 'stats:control'
        local base, cursor = unpack(redis.call('HMGET', C, 'base', 'sweep'))
        if not base or not cursor then return 0 end
        local p = 'stats:' .. base .. ':'
        local found = redis.call('SCAN', cursor, 'MATCH', 'stats:*', 'COUNT', 500)
        for _, key in ipairs(found[2]) do
            if key ~= C and key:sub(1, #p) ~= p then redis.call('UNLINK', key) end
        end
        if found[1] == '0' then redis.call('HDEL', C, 'sweep') else redis.call('HSET', C, 'sweep', found[1]) end
        return found[1] == '0' and 0 or 1
        """)

    /// Reads how far things are. Returns the generation, why everything is to be replayed, and the first, last and
    /// missing parts of the latest replay, each or null.
    static let state = RedisScript(
        "return redis.call('HMGET', 'stats:control', 'generation', 'wanted', 'first', 'last', 'left')")

    /// Reads what is counted of a chunk: `ARGV` is its number. Returns the counts and sums, each or null; how many of its
    /// bookings have candies and are not cancelled; and `candy_max_age` and `candies_since`, each or null.
    static let sums = RedisScript(
        """
        \(withCandies)
        local control = redis.call('HMGET', 'stats:control', 'base', 'candy_max_age', 'candies_since')
        local p = 'stats:' .. (control[1] or '') .. ':'
        local sums = redis.call('HMGET', p .. 'sums:' .. ARGV[1], 'confirmed', 'rejected', 'cancelled', 'prices', 'times')
        sums[6], sums[7], sums[8] = with_candies(ARGV[1], p), control[2], control[3]
        return sums
        """)
}
