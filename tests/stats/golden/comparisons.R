# Comparisons by R: Rscript comparisons.R <input folder> <output folder>  (R 4.2.2, survey 4.1-1)
# Writes comparisons_rows.csv (made data, fixed seed) and comparisons.json (what R says of it and of data(api)).
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "adjust")
out <- commandArgs(TRUE)[2]
set.seed(20261122, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

number <- function(x) ifelse(is.na(x), "null", sprintf("%.17g", x))
json <- function(x) {
  if (is.list(x)) {
    if (is.null(names(x))) return(paste0("[", paste(vapply(x, json, ""), collapse = ",\n"), "]"))
    return(paste0("{", paste(sprintf('"%s": %s', names(x), vapply(x, json, "")), collapse = ", "), "}"))
  }
  if (is.character(x)) return(paste0("[", paste(sprintf('"%s"', x), collapse = ", "), "]"))
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, function(r) json(as.numeric(r))), collapse = ", "), "]"))
  paste0("[", paste(number(as.numeric(x)), collapse = ", "), "]")
}

# 1. Adjusted p-values -------------------------------------------------------------------------------------------------------------
cases <- list(
  list(p = round(rbeta(24, 0.4, 2), 6), n = NA), list(p = c(0.01, 0.04, 0.01, 0.03, 0.04, 0.04, 0.5, 0.01), n = NA),
  list(p = c(0, 1, 0, 0.02, 1, 1, 0.3, 0.02), n = NA), list(p = c(NA, 0.03, 0.001, NA, 0.2, 0.04, 0.04), n = NA),
  list(p = c(0.004, 0.02, NA, 0.02), n = 12), list(p = 0.03, n = NA), list(p = c(1, 1, 1), n = NA)
)
adjusted <- lapply(cases, function(one) {
  by <- function(method) if (is.na(one$n)) p.adjust(one$p, method) else p.adjust(one$p, method, n = one$n)
  list(p = one$p, family = one$n, holm = by("holm"), hochberg = by("hochberg"),
       benjamini_hochberg = by("BH"), bonferroni = by("bonferroni"))
})

# 2. Made data: 6 strata (units), 12 clusters in each, 8 periods, 3 channels, two items with answers missing -------------------------
rows <- do.call(rbind, lapply(1:72, function(j) {
  unit <- (j - 1) %/% 12 + 1
  k <- sample(8:20, 1)
  period <- sample(1:8, k, TRUE)
  channel <- sample(1:3, k, TRUE, c(0.5, 0.3, 0.2))
  p <- plogis(1.3 + 0.08 * (period - 4) + 0.3 * (channel == 2) + 0.2 * (unit - 3) + rnorm(1, 0, 0.5))
  y <- rbinom(k, 1, p)
  level <- pmin(5, pmax(1, 3 + y + rbinom(k, 1, 0.5) - rbinom(k, 1, 0.3)))
  data.frame(unit, cluster = j, period, channel, y, level, asked = rbinom(k, 1, 0.9), population = 3000 + 700 * unit)
}))
write.csv(rows, file.path(out, "comparisons_rows.csv"), row.names = FALSE)
rows$w <- rows$population / as.numeric(table(rows$unit))[rows$unit]
full <- svydesign(ids = ~cluster, strata = ~unit, weights = ~w, data = rows, nest = TRUE)
asked <- subset(full, asked == 1)
df <- degf(full)
parts <- c(list(all = asked), setNames(lapply(1:6, function(u) subset(asked, unit == u)), paste0("unit", 1:6)))

contrast_row <- function(estimates, coefficients, df, ...) {
  e <- svycontrast(estimates, coefficients)
  t <- as.numeric(coef(e)) / as.numeric(SE(e))
  limits <- as.numeric(confint(e, df = df))
  list(..., coefficients = coefficients, value = as.numeric(coef(e)), se = as.numeric(SE(e)),
       t = t, p = 2 * pt(-abs(t), df), limits = limits)
}

# 3. Differences of any two domains of data(api), stratified and clustered ----------------------------------------------------------
data(api)
rounded <- function(v) { v[abs(v) < 1e-13 * max(abs(v))] <- 0; v }  # a covariance that is 0 comes as dust
designs <- list(strat = svydesign(ids = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc),
                clus1 = svydesign(ids = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc))
differences <- list(); covariances <- list()
for (name in names(designs)) for (item in c("award", "api00", "growth", "meals")) {
  d <- update(designs[[name]], award = as.numeric(awards == "Yes"), many = as.numeric(ell > 20), new = as.numeric(mobility > 15))
  by <- svyby(reformulate(item), ~many + new, d, svymean, covmat = TRUE)
  covariances[[length(covariances) + 1]] <- list(design = name, item = item, df = degf(d), value = coef(by), covariance = rounded(vcov(by)))
  for (i in 1:3) for (j in (i + 1):4) {
    a <- numeric(4); a[i] <- 1; a[j] <- -1
    differences[[length(differences) + 1]] <- contrast_row(by, a, degf(d), design = name, item = item)
  }
}

# 4. Trends: the contrast with the full covariance, and with a marked break before period 7 -----------------------------------------
slope <- function(t) (t - mean(t)) / sum((t - mean(t))^2)
trends <- list(); mixes <- list(); glms <- list(); tables <- list()
for (name in names(parts)) for (item in c("y", "level")) {
  by <- svyby(reformulate(item), ~period, parts[[name]], svymean, covmat = TRUE)
  trends[[length(trends) + 1]] <- contrast_row(by, slope(1:8), df, domain = name, item = item, last = 8)
  trends[[length(trends) + 1]] <- contrast_row(by, c(slope(1:6), 0, 0), df, domain = name, item = item, last = 6)
}
by <- svyby(~y, ~channel + period, asked, svymean, covmat = TRUE)
mix <- c(0.5, 0.3, 0.2)
fixed <- svycontrast(by, setNames(lapply(1:8, function(t) { a <- numeric(24); a[3 * (t - 1) + 1:3] <- mix; a }), paste0("p", 1:8)))
mixes <- list(value = as.numeric(coef(fixed)), covariance = vcov(fixed), slope = contrast_row(fixed, slope(1:8), df))

# 5. svyglm on the same, linear and quasi-binomial, on R's own degrees of freedom and on the design's; with the channel mix beside ---
exact <- glm.control(epsilon = 1e-15, maxit = 100)
regressed <- function(name, how, formula) {
  family <- if (how == "logit") quasibinomial() else gaussian()
  m <- suppressWarnings(svyglm(formula, parts[[name]], family = family, control = exact))
  # Again from there: the covariance takes the weights of the step before the last.
  m <- suppressWarnings(eval(bquote(svyglm(formula, parts[[name]], family = family, control = exact, start = .(coef(m))))))
  own <- summary(m)$coefficients; wide <- summary(m, df.resid = df)$coefficients
  list(domain = name, link = how, own_df = m$df.residual, coefficients = coef(m), covariance = vcov(m), t = own[, 3], p = own[, 4],
       p_design = wide[, 4])
}
for (how in c("identity", "logit")) {
  for (name in names(parts)) glms[[length(glms) + 1]] <- regressed(name, how, y ~ period)
  glms[[length(glms) + 1]] <- regressed("all", how, y ~ period + factor(channel))
}

# 6. svychisq ----------------------------------------------------------------------------------------------------------------------
for (name in names(parts)) for (formula in c(~y + period, ~y + channel, ~level + channel)) {
  d <- parts[[name]]
  found <- svychisq(formula, d, statistic = "F")
  tables[[length(tables) + 1]] <- list(domain = name, of = all.vars(formula), df = degf(d), f = found$statistic, ndf = found$parameter[1],
                                       ddf = found$parameter[2], p = found$p.value)
}

# 7. MOVER by its formula, and rank sets by their definition ------------------------------------------------------------------------
wilson <- function(p, n, df, alpha) {
  t <- qt(1 - alpha / 2, df)
  centre <- (p + t^2 / (2 * n)) / (1 + t^2 / n)
  half <- t / (2 * n) * sqrt(4 * n * p * (1 - p) + t^2) / (1 + t^2 / n)
  c(centre - half, centre + half)
}
movers <- lapply(1:40, function(i) {
  p <- round(c(rbeta(1, 18, 2), rbeta(1, 18, 2)), 3); n <- sample(20:900, 2); df <- sample(5:200, 2)
  rho <- round(runif(1, -0.9, 0.9), 2); alpha <- sample(c(0.05, 0.1), 1)
  a <- wilson(p[1], n[1], df[1], alpha); b <- wilson(p[2], n[2], df[2], alpha)
  low <- (p[1] - p[2]) - sqrt((p[1] - a[1])^2 - 2 * rho * (p[1] - a[1]) * (b[2] - p[2]) + (b[2] - p[2])^2)
  high <- (p[1] - p[2]) + sqrt((a[2] - p[1])^2 - 2 * rho * (a[2] - p[1]) * (p[2] - b[1]) + (p[2] - b[1])^2)
  list(p = p, n = n, df = df, rho = rho, alpha = alpha, first = a, second = b, low = low, high = high)
})
ranks <- lapply(c(5, 20, 40), function(k) {
  p <- rbeta(k, 18, 3); n <- sample(30:900, k, TRUE); alpha <- 1 - 0.95^(1 / k)
  low <- qbeta(alpha / 2, n * p, n * (1 - p) + 1); high <- qbeta(1 - alpha / 2, n * p + 1, n * (1 - p))
  best <- sapply(1:k, function(i) 1 + sum(low > high[i])); worst <- sapply(1:k, function(i) k - sum(high < low[i]))
  list(p = p, n = n, low = low, high = high, best = best, worst = worst)
})

everything <- list(version = list(survey = as.character(packageVersion("survey"))), adjusted = adjusted,
                   differences = differences, covariances = covariances, df = df, trends = trends, mix = mixes, regressions = glms,
                   tables = tables, movers = movers, ranks = ranks)
writeLines(json(everything), file.path(out, "comparisons.json"))
