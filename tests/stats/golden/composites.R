# Makes composites.json from composites_rows.csv: Rscript composites.R <input folder> <output folder>   (R 4.2.2, survey 4.1-1)
# Composites by three estimands, alpha, omega, Shapley shares of R².
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "adjust", digits = 17)
arguments <- commandArgs(TRUE)
rows <- read.csv(file.path(arguments[1], "composites_rows.csv"))
items <- paste0("item", 1:6)
a <- c(1/5, 1/5, 1/5, 2/15, 2/15, 2/15)
figures <- list()
keep <- function(key, value) figures[[key]] <<- as.numeric(value)

per_stratum <- tapply(rows$cluster, rows$stratum, function(x) length(unique(x)))
rows$cluster_weight <- rows$clusters_in_population / as.numeric(per_stratum)[rows$stratum]
row_count <- as.numeric(table(rows$stratum))
rows$rows_total <- c(900, 400, 500, 40)[rows$stratum]
rows$row_weight <- rows$rows_total / row_count[rows$stratum]
totals <- data.frame(group = 1:3, Freq = c(400, 350, 300))
designs <- function(data) {
  clustered <- svydesign(ids = ~cluster, strata = ~stratum, weights = ~cluster_weight, data = data)
  list(simple = svydesign(ids = ~1, strata = ~stratum, weights = ~row_weight, fpc = ~rows_total, data = data),
       clustered = clustered,
       finite = svydesign(ids = ~cluster, strata = ~stratum, weights = ~cluster_weight, fpc = ~clusters_in_population, data = data),
       post = postStratify(clustered, ~group, totals))
}
domains <- list(all = rep(TRUE, nrow(rows)), one = rows$domain == 1, two = rows$domain == 2, three = rows$domain == 3)

# Ratios of totals by domain, each domain's composite a function of them: values and full covariance.
delta_method <- function(key, design, expressions) {
  columns <- design$totals_of
  total <- svytotal(as.formula(paste("~", paste(columns, collapse = "+"))), design)
  found <- svycontrast(total, expressions)
  value <- coef(found); matrix <- vcov(found)
  for (i in seq_along(value)) {
    keep(paste(key, "value", names(domains)[i], sep = "/"), value[i])
    for (j in i:length(value)) keep(paste(key, "covariance", names(domains)[i], names(domains)[j], sep = "/"), matrix[i, j])
  }
}
quoted <- function(text) lapply(text, function(one) parse(text = one)[[1]])
for (kind in c("share", "mean")) {
  score <- as.matrix(rows[items])
  if (kind == "share") score <- 1 * (score >= 4)
  data <- rows
  answered <- !is.na(score)
  filled <- ifelse(answered, score, 0)
  own <- as.numeric(filled %*% a) / as.numeric(answered %*% a)
  full <- rowSums(answered) == 6
  own[is.nan(own)] <- 0
  available <- character(); respondent <- character(); names_a <- character(); names_r <- character()
  for (d in names(domains)) {
    inside <- domains[[d]]
    for (k in 1:6) {
      data[[paste0("y", k, d)]] <- filled[, k] * inside
      data[[paste0("m", k, d)]] <- 1 * (answered[, k] & inside)
      names_a <- c(names_a, paste0("y", k, d), paste0("m", k, d))
    }
    data[[paste0("r", d)]] <- own * inside
    data[[paste0("h", d)]] <- 1 * (rowSums(answered) > 0 & inside)
    names_r <- c(names_r, paste0("r", d), paste0("h", d))
    available <- c(available, paste(sprintf("%.17g*y%d%s/m%d%s", a, 1:6, d, 1:6, d), collapse = "+"))
    respondent <- c(respondent, sprintf("r%s/h%s", d, d))
  }
  data[paste0("s", 1:6)] <- score
  for (name in c("simple", "clustered", "finite", "post")) {
    design <- designs(data)[[name]]
    design$totals_of <- names_a
    delta_method(paste("available_case", name, kind, sep = "/"), design, quoted(available))
    design$totals_of <- names_r
    delta_method(paste("respondent_level", name, kind, sep = "/"), design, quoted(respondent))
    for (d in names(domains)) {
      inside <- domains[[d]]
      part <- eval(substitute(subset(design, chosen), list(chosen = inside)))
      found <- svycontrast(svymean(~s1 + s2 + s3 + s4 + s5 + s6, part, na.rm = TRUE), a)
      keep(paste("complete_case", name, kind, "value", d, sep = "/"), coef(found))
      keep(paste("complete_case", name, kind, "covariance", d, d, sep = "/"), vcov(found))
    }
  }
}

# Reliability: weighted alpha and its variance, unweighted alpha, omega of a maximum likelihood factor.
sets <- list(c(1, 2), c(1, 2, 3), c(2, 3, 5), c(1, 2, 3, 5), c(1, 3, 5, 6), c(1, 2, 3, 5, 6), 1:6, c(1, 2, 6), c(2, 3, 5, 6))
one_factor <- function(S) {
  # factanal's start and floor; its optimiser stops at 1e-7, so Newton steps on the derivatives follow from there.
  lowest <- 0.005
  psi <- factanal(covmat = S, factors = 1, control = list(lower = lowest))$uniquenesses
  gap <- function(psi) {
    e <- eigen(S / sqrt(outer(psi, psi)), symmetric = TRUE)
    loading <- sqrt(psi) * e$vectors[, 1] * sqrt(max(e$values[1] - 1, 0))
    list(loading = loading, miss = loading^2 + psi - diag(S))
  }
  free <- which(psi > lowest + 1e-4)
  for (step in 1:20) {
    here <- gap(psi)$miss
    jacobian <- sapply(free, function(j) {
      h <- 1e-6; up <- psi; up[j] <- up[j] + h; down <- psi; down[j] <- down[j] - h
      (gap(up)$miss[free] - gap(down)$miss[free]) / (2 * h)
    })
    move <- solve(jacobian, here[free])
    psi[free] <- psi[free] - move
    if (max(abs(move)) < 1e-14) break
  }
  loading <- gap(psi)$loading
  sum(loading)^2 / (sum(loading)^2 + sum(psi))
}
clustered <- designs(rows)$clustered
for (set in sets) for (d in names(domains)) {
  which <- items[set]; K <- length(set)
  key <- paste(d, paste(set, collapse = ""), sep = "/")
  formula <- as.formula(paste("~", paste(which, collapse = "+")))
  data <- rows[domains[[d]], ]
  data <- data[rowSums(is.na(data[which])) == 0, ]
  S <- cov(data[which])
  weighted <- cov.wt(data[which], data$cluster_weight, method = "ML")$cov
  part <- eval(substitute(subset(clustered, chosen), list(chosen = domains[[d]])))
  keep(paste("alpha/weighted", key, sep = "/"), svycralpha(formula, part, na.rm = TRUE))
  keep(paste("alpha/plain", key, sep = "/"), K / (K - 1) * (1 - sum(diag(S)) / sum(S)))
  if (K == 2) {
    r <- cor(data[which])[1, 2]
    keep(paste("spearman_brown/plain", key, sep = "/"), 2 * r / (1 + r))
    r <- cov2cor(weighted)[1, 2]
    keep(paste("spearman_brown/weighted", key, sep = "/"), 2 * r / (1 + r))
  } else {
    keep(paste("omega/plain", key, sep = "/"), one_factor(cor(data[which])))
    keep(paste("omega/weighted", key, sep = "/"), one_factor(cov2cor(weighted)))
  }
}
# The variance of alpha: delta method on totals of squares around fixed centres.
for (set in sets[2:6]) for (name in c("simple", "clustered", "finite", "post")) for (d in names(domains)) {
  data <- rows
  full <- domains[[d]] & rowSums(is.na(rows[items[set]])) == 0
  centred <- as.matrix(rows[items[set]]) - 3
  centred[!full, ] <- 0
  data$one <- 1 * full
  K <- length(set)
  for (k in 1:K) { data[[paste0("x", k)]] <- centred[, k]; data[[paste0("q", k)]] <- centred[, k]^2 }
  data$tt <- rowSums(centred); data$tq <- data$tt^2
  columns <- c("one", paste0("x", 1:K), paste0("q", 1:K), "tt", "tq")
  total <- svytotal(as.formula(paste("~", paste(columns, collapse = "+"))), designs(data)[[name]])
  parts <- paste(sprintf("(q%d/one-(x%d/one)^2)", 1:K, 1:K), collapse = "+")
  found <- svycontrast(total, quoted(sprintf("%.17g*(1-(%s)/(tq/one-(tt/one)^2))", K / (K - 1), parts)))
  keep(paste("alpha_variance", name, d, paste(set, collapse = ""), sep = "/"), vcov(found))
}

# Polychoric correlations in two steps: cell probabilities by numerical integration, the root of the likelihood's slope.
polychoric <- function(x, y) {
  table <- table(x, y)
  h <- qnorm(cumsum(rowSums(table)) / sum(table)); k <- qnorm(cumsum(colSums(table)) / sum(table))
  h <- h[-length(h)]; k <- k[-length(k)]
  below <- function(a, b, r) integrate(function(u) dnorm(u) * pnorm((b - r * u) / sqrt(1 - r^2)), -Inf, a, rel.tol = 1e-13, subdivisions = 1000)$value
  density <- function(a, b, r) exp(-(a^2 + b^2 - 2 * r * a * b) / (2 * (1 - r^2))) / (2 * pi * sqrt(1 - r^2))
  cells <- function(corner) { corner <- rbind(0, cbind(0, corner)); diff(t(diff(t(corner)))) }
  slope <- function(r) {
    chance <- outer(h, k, Vectorize(function(a, b) below(a, b, r)))
    chance <- cells(rbind(cbind(chance, pnorm(h)), c(pnorm(k), 1)))
    change <- cells(rbind(cbind(outer(h, k, density, r = r), 0), 0))
    sum(ifelse(table > 0, table / chance * change, 0)) / sum(table)
  }
  uniroot(slope, c(-0.3, 0.9), tol = 1e-14)$root
}
for (d in names(domains)) {
  data <- rows[domains[[d]] & rowSums(is.na(rows[items])) == 0, items]
  matrix <- diag(6)
  for (i in 2:6) for (j in 1:(i - 1)) {
    matrix[i, j] <- matrix[j, i] <- polychoric(data[[i]], data[[j]])
    keep(paste("polychoric", d, paste0(j, i), sep = "/"), matrix[i, j])
  }
  keep(paste("omega_polychoric", d, sep = "/"), one_factor(matrix))
}

# Shares of R² by brute force: every order in which items can enter, each step an lm.
orders <- function(x) if (length(x) == 1) list(x) else do.call(c, lapply(seq_along(x), function(i) lapply(orders(x[-i]), function(rest) c(x[i], rest))))
for (set in list(1, c(1, 3), c(1, 2, 5), c(1, 2, 3, 5), 1:6)) for (kind in c("plain", "weighted")) for (d in names(domains)) {
  data <- rows[domains[[d]], c(items[set], "overall", "cluster_weight")]
  data <- data[complete.cases(data), ]
  data$weight_used <- if (kind == "weighted") data$cluster_weight else 1
  seen <- list("none" = 0)
  r_squared <- function(used) {
    key <- if (length(used)) paste(sort(used), collapse = "") else "none"
    if (is.null(seen[[key]])) seen[[key]] <<- summary(lm(reformulate(items[used], "overall"), data, weights = weight_used))$r.squared
    seen[[key]]
  }
  parts <- setNames(numeric(length(set)), set)
  all_orders <- orders(set)
  for (order in all_orders) for (i in seq_along(order)) {
    who <- as.character(order[i])
    parts[who] <- parts[who] + r_squared(order[1:i]) - r_squared(order[seq_len(i - 1)])
  }
  for (k in set) keep(paste("shapley", kind, d, paste(set, collapse = ""), k, sep = "/"), parts[as.character(k)] / length(all_orders))
  keep(paste("r_squared", kind, d, paste(set, collapse = ""), sep = "/"), r_squared(set))
  matrix <- cov2cor(cov.wt(data[c(items[set], "overall")], data$weight_used)$cov)
  for (k in seq_along(set)) keep(paste("importance", kind, d, paste(set, collapse = ""), set[k], sep = "/"), matrix[k, length(set) + 1])
}
# Ordinal logit: from svyolr's answer, which its optimiser leaves at 1e-4, by Newton's method to the highest likelihood;
# the variance is svytotal's of the linearised values.
used <- c("item1", "item3", "item6")
for (name in c("simple", "clustered", "post")) for (d in names(domains)) {
  design <- designs(rows)[[name]]
  inside <- domains[[d]] & rowSums(is.na(rows[c(used, "overall")])) == 0
  data <- rows[inside, ]
  data$y <- factor(data$overall); data$final <- weights(design)[inside]
  # A calibrated design keeps the rows outside, whose missing answers stop svyolr: only its coefficients are compared there.
  part <- if (name == "post") svydesign(ids = ~1, weights = ~final, data = data)
    else eval(substitute(subset(update(design, y = factor(ifelse(chosen, overall, NA))), chosen), list(chosen = inside)))
  fit <- svyolr(y ~ item1 + item3 + item6, part)
  x <- as.matrix(rows[inside, used]); y <- as.integer(factor(rows$overall[inside])); w <- weights(design)[inside]
  q <- max(y) - 1
  slopes <- function(p) {
    gamma <- c(-Inf, p[3 + 1:q], Inf)
    a <- gamma[y + 1] - x %*% p[1:3]; b <- gamma[y] - x %*% p[1:3]
    chance <- plogis(a) - plogis(b)
    cbind(-x * as.numeric((dlogis(a) - dlogis(b)) / chance),
          sapply(1:q, function(l) ((y == l) * dlogis(a) - (y == l + 1) * dlogis(b)) / chance))
  }
  total <- function(p) colSums(w * slopes(p))
  curvature <- function(p) sapply(seq_along(p), function(j) {
    e <- 2e-4 * (seq_along(p) == j)
    (8 * (total(p + e) - total(p - e)) - (total(p + 2 * e) - total(p - 2 * e))) / 24e-4
  })
  p <- c(fit$coefficients, fit$zeta)
  for (step in 1:8) p <- p - solve(curvature(p), total(p))
  stopifnot(max(abs(p[1:3] - fit$coefficients)) < 1e-3 * max(abs(p[1:3])))
  z <- matrix(0, nrow(rows), 3)
  z[inside, ] <- (slopes(p) %*% solve(-curvature(p)))[, 1:3]
  rows_z <- rows; rows_z[c("z1", "z2", "z3")] <- z
  V <- vcov(svytotal(~z1 + z2 + z3, designs(rows_z)[[name]]))
  for (i in 1:3) {
    keep(paste("ordinal", name, d, "coefficient", i, sep = "/"), p[i])
    for (j in i:3) keep(paste("ordinal", name, d, "covariance", i, j, sep = "/"), V[i, j])
  }
  if (name != "post") stopifnot(max(abs(sqrt(diag(V)) / SE(fit)[1:3] - 1)) < 0.01)
}

lines <- sprintf("  \"%s\": %s", names(figures), sprintf("%.17g", unlist(figures)))
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), file.path(arguments[2], "composites.json"))
