// Adding to the gradient of a parameter.
//
// Our layers add straight into the leaf's preset .grad and return no gradient for it to autograd,
// so that no copy of the parameter's size exists for a moment. The preset tensor may be fp32 beside
// a bf16 leaf.
#pragma once

#include <ATen/core/Tensor.h>

namespace galvatron {

// The preset .grad; throws std::logic_error where there is none.
at::Tensor preset_gradient(const at::Tensor& parameter);

// gradient += left right. [m, n] += [m, k] [k, n]. Where the products' type differs it is theirs
// first on the CPU; a GPU adds them up in the gradient's.
void add_product(const at::Tensor& gradient, const at::Tensor& left, const at::Tensor& right);

// gradient += the sum of `rows` over dimension 0. [columns] += [rows, columns]; on a GPU the
// gradient is fp32.
void add_row_sum(const at::Tensor& gradient, const at::Tensor& rows);

// gradient[places[i]] += rows[i]. [n, columns], [m] int64, [m, columns]. A place that comes more
// than once gets its rows in the same order in every run, on a GPU by sorting the places, which are
// not checked there: that would make the host wait.
void add_rows(const at::Tensor& gradient, const at::Tensor& places, const at::Tensor& rows);

}  // namespace galvatron
