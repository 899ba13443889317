/* See intake_members.h. */
#include "runtime/store/intake_members.h"

#include "runtime/engine/record.h"

#define TOP(name) (UINT64_C(1) << TOP_##name)

static const struct {
    const char *word;
    uint64_t needed, allowed;
} kinds[RECORD_KIND_COUNT] = {
    [0] = {"line", 0, 0},
    [RECORD_EVENT] = {"event", TOP(ID) | TOP(EVENT) | TOP(PLAYER), TOP(SOURCE) | TOP(BRAND) | TOP(AT) | TOP(DATA)},
    [RECORD_ATTRIBUTES] = {"attributes", TOP(ID) | TOP(PLAYER) | TOP(AT) | TOP(SET), TOP(SOURCE) | TOP(BRAND)},
    [RECORD_IMPORT] = {"import", TOP(IMPORT) | TOP(ROW) | TOP(PLAYER) | TOP(AT) | TOP(SET), TOP(BRAND)},
    [RECORD_TICK] = {"tick", TOP(AT), TOP(CATCH_UP)},
    [RECORD_COMMAND] = {"command", TOP(ID) | TOP(AT) | TOP(COMMAND),
                        TOP(CAMPAIGN) | TOP(EFFECT) | TOP(SOURCE) | TOP(PLAYER) | TOP(BRAND) | TOP(BY)},
    [RECORD_REPLY] = {"reply", TOP(ID) | TOP(EFFECT) | TOP(AT) | TOP(STATUS),
                      TOP(SOURCE) | TOP(REASON) | TOP(PLAYER) | TOP(BRAND) | TOP(BY) | TOP(ANSWER)},
    [RECORD_CODE] = {"code", TOP(CODES) | TOP(CODE) | TOP(AT), TOP(ID) | TOP(SOURCE)},
    [RECORD_ACTIVATE] = {"activate", 0, 0},
    [RECORD_ERASE] = {"erase", TOP(ID) | TOP(PLAYER) | TOP(AT), TOP(SOURCE) | TOP(BRAND) | TOP(BY)},
    [RECORD_SUPPRESS] = {"suppress", TOP(ID) | TOP(AT),
                         TOP(SOURCE) | TOP(PLAYER) | TOP(BRAND) | TOP(BY) | TOP(CONTACT)},
    [RECORD_UNSUPPRESS] = {"unsuppress", TOP(ID) | TOP(AT),
                           TOP(SOURCE) | TOP(PLAYER) | TOP(BRAND) | TOP(BY) | TOP(CONTACT)},
    [RECORD_PERSON] = {"person", TOP(ID) | TOP(PLAYER) | TOP(PERSON) | TOP(AT), TOP(SOURCE) | TOP(BRAND) | TOP(BY)},
    [RECORD_HISTORY] = {"import", TOP(IMPORT) | TOP(ROW) | TOP(EVENT) | TOP(PLAYER), TOP(BRAND) | TOP(AT) | TOP(DATA)},
};

uint32_t members_kind(uint32_t said, uint64_t seen)
{
    bool event = (seen & TOP(EVENT)) != 0;
    if (said == 0 && (seen & TOP(CODES)) != 0) return RECORD_CODE;
    if ((seen & (TOP(IMPORT) | TOP(ROW))) == 0) return said != 0 ? said : event ? RECORD_EVENT : 0;
    if (said == 0) return event ? RECORD_HISTORY : RECORD_IMPORT;
    return said == RECORD_EVENT ? RECORD_HISTORY : said == RECORD_ATTRIBUTES ? RECORD_IMPORT : said;
}

static uint32_t first_of(uint64_t members)
{
    return members == 0 ? TOP_COUNT : (uint32_t)__builtin_ctzll(members);
}

uint32_t members_missing(uint32_t kind, uint64_t seen)
{
    return first_of(kinds[kind].needed & ~seen);
}

uint32_t members_strange(uint32_t kind, uint64_t seen)
{
    return first_of(seen & ~(kinds[kind].needed | kinds[kind].allowed | TOP(KIND)));
}

const char *members_word(uint32_t kind)
{
    return kinds[kind].word;
}
