// The names under which published files hold a parameter.
#pragma once

#include <string>

#include "executor/weights/weight_files.h"

namespace galvatron {

// The parameter's own name or, where the file has another: the name without the model's first
// component (checkpoints of the bare model); LayerNorm.gamma and .beta (BERT's first checkpoints);
// cls.predictions.decoder.bias (transformers 5.x, an untied BERT). The own name if there is none.
//
// Throws SpecError if a file holds two biases of BERT's decoder that differ: versions of
// transformers would take one or the other.
std::string name_in_file(const WeightFiles& files, const std::string& name);

}  // namespace galvatron
