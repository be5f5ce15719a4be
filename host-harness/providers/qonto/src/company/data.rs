//! Who the company deals with. All invented, but for the public bodies.

/// The bank of most of the other parties: there is no bank `99999`.
pub(super) const BANK: u64 = 99_999;
/// A BIC of no bank.
pub(super) const BIC: &str = "FICTFRP2XXX";

/// Where people pay by card: name, category, lowest and highest amount in cents.
pub(super) const SHOPS: [(&str, &str, u64, u64); 14] = [
    ("Boulangerie Le Fournil d'Anselme", "restaurant_and_bar", 380, 2_450),
    ("Brasserie du Quai Gris", "restaurant_and_bar", 1_850, 14_600),
    ("Cantine Marguerite", "restaurant_and_bar", 1_150, 5_900),
    ("Rail Ligérien", "transport", 2_400, 18_900),
    ("Taxi Bleu Atlantique", "transport", 1_200, 6_400),
    ("Station Océane", "gas_station", 4_500, 9_800),
    ("Papeterie du Phare", "office_supply", 690, 12_900),
    ("Hôtel des Deux Rivières", "hotel_and_lodging", 8_900, 26_400),
    ("Marché Sainte-Lucie", "food_and_grocery", 950, 7_300),
    ("Imprimerie Vauquelin", "marketing", 6_200, 48_000),
    ("Librairie L'Encre Vive", "office_supply", 1_290, 8_400),
    ("Quincaillerie Bellec", "hardware_and_equipment", 540, 15_300),
    ("Poste Relais Centre", "logistics", 620, 4_150),
    ("Parking Graslin", "transport", 250, 2_400),
];

/// Software paid by card in another currency: name, currency, hundredths of it, euros for 10 000 of it, day of the month.
pub(super) const ABROAD: [(&str, &str, u64, u64, u32); 4] = [
    ("Pixelforge Inc.", "USD", 5_900, 9_213, 4),
    ("Cloudlane Hosting LLC", "USD", 14_237, 9_187, 9),
    ("Foundry & Type Ltd", "GBP", 3_250, 11_742, 12),
    ("Kumo Fonts KK", "JPY", 480_000, 58, 21),
];

/// Who is paid a salary: name, net amount in cents.
pub(super) const STAFF: [(&str, u64); 5] = [
    ("Maëlle Kerdoncuff", 298_450),
    ("Idris Benattar", 264_118),
    ("Solène Vasseur-Li", 251_907),
    ("Théodore Quémener", 226_333),
    ("Capucine Oyarzun", 118_000),
];

/// Who is paid by direct debit each month: name, cents, day, category.
pub(super) const DEBITS: [(&str, u64, u32, &str); 7] = [
    ("SCI Les Trois Ancres", 184_000, 1, "office_rental"),
    ("Voltéane Énergie", 21_384, 6, "utility"),
    ("FibreOuest Télécom", 5_990, 7, "utility"),
    ("Mutuelle Hermine", 31_250, 10, "insurance"),
    ("URSSAF Pays de la Loire", 412_600, 15, "tax"),
    ("Nuagerie SAS", 8_900, 18, "online_service"),
    ("Comptaligne SARL", 24_000, 22, "legal_and_accounting"),
];

/// Who pays: name, day of the month, cents, how much of it changes from month to month.
pub(super) const CLIENTS: [(&str, u32, u64, u64); 8] = [
    ("Conserverie Le Guirec", 3, 420_000, 60_000),
    ("Mairie de Port-Clair", 5, 288_000, 0),
    ("Éditions du Sémaphore", 8, 156_000, 90_000),
    ("Hôtel des Deux Rivières", 11, 312_000, 40_000),
    ("Biscuiterie Malouine & Fils", 16, 498_000, 120_000),
    ("Clinique vétérinaire du Lac", 19, 96_000, 30_000),
    ("Association Vent Debout", 23, 72_000, 18_000),
    ("Chantiers Navals Kermorvan", 27, 655_000, 150_000),
];
