// ZeRO 3 gathers ahead: while one block computes, the parameters of the next one in the pass come
// in.
//
// They do between neighbours of one stage and one layout, both blocks under ZeRO 3, where the next
// is no larger than the one that computes: then nothing but that computation stands between them,
// and a block that has room for its own parameters twice has room for any neighbour's. So what a
// block costs does not depend on what its neighbours are. Embedding, head and what holds a tied
// table are gathered alone: a block would need room for a table of words, and a table that two
// neighbours use lies in one buffer. And where computation and traffic gain nothing by running at
// once, as over a transport that blocks, nothing goes ahead: it would only take room.
#pragma once

#include <vector>

#include "cost_models/hardware.h"
#include "cost_models/layer.h"
#include "cost_models/parameter_units.h"
#include "cost_models/precision.h"
#include "cost_models/runtime.h"
#include "cost_models/strategy.h"
#include "cost_models/units.h"

namespace galvatron {

// Whether a gather beside computation ends before one behind it: while both run, computation goes
// on at 1/kx of its speed and the gather at 1/ky.
bool gains_by_overlap(const Hardware& hardware, const Runtime& runtime);

// Whether a neighbour like the layer itself would do.
bool may_gather_ahead(const Layer& layer);

// A layer's units on one rank while they are whole; nothing below ZeRO 3.
Bytes gathered_bytes(const std::vector<ParameterUnit>& units, const Strategy& strategy,
                     Precision precision);

// Two neighbouring layers of a stage, in either direction.
struct Neighbour {
  const Layer& layer;
  const Strategy& strategy;
};

// Whether `next` is gathered while `computing` computes, where there is something to gain.
bool is_gathered_ahead(const Neighbour& next, const Neighbour& computing);

}  // namespace galvatron
